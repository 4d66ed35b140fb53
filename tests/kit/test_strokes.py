"""The order of names by strokes."""

from kit.strokes import KEY_LENGTH, stroke_key

SURNAMES = "丁方王田白朱江何吳呂李周林洪徐高張莊許郭陳彭曾黃楊葉廖劉潘蔡鄭蕭賴謝鍾簡羅蘇"


def test_surnames_come_by_their_strokes() -> None:
    assert "".join(sorted(sorted(SURNAMES), key=stroke_key)) == SURNAMES


def test_the_second_character_decides_between_equal_surnames() -> None:
    assert sorted(["王鬱", "王一", "王小明", "王大"], key=stroke_key) == ["王一", "王大", "王小明", "王鬱"]


def test_names_in_latin_letters_come_after_the_chinese_ones_whatever_their_width() -> None:
    assert sorted(["Chen Amy", "龜山", "ａmy", "丁一"], key=stroke_key)[:2] == ["丁一", "龜山"]
    assert stroke_key("ａmy") == stroke_key("AMY") and stroke_key("王 小明") == stroke_key("王小明")


def test_a_key_fits_its_column_and_has_digits_of_one_case_only() -> None:
    key = stroke_key("𠀀" + "王" * 60)
    assert len(key) == KEY_LENGTH and set(key) <= set("0123456789abcdef")
