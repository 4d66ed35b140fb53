"""PDF files: no character is lost, no line begins with a closing mark, headings and page numbers are on every page."""

import io
from datetime import UTC, datetime

import pypdf
import pytest

from kit import pdf
from kit.pdf import line_breaks
from kit.pdf.glyphs import width

AT = datetime(2026, 11, 24, 1, tzinfo=UTC)
NAMES = ["𠮷野㛢", "谷辣斯·尤達卡", "王小明", "Kacaw Tjivuljuan"]
COLUMNS = [pdf.Column("序號", 1), pdf.Column("姓名", 3, "left"), pdf.Column("簽到", 3)]


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]


def sheet(rows: int, name: str = "") -> pdf.Document:
    document = pdf.Document("簽到表")
    document.part()
    document.paragraph("屏東縣立萬新國民中學 簽到表", 18, bold=True, align="centre")
    document.table(COLUMNS, [[str(n), name or NAMES[n % 4], ""] for n in range(rows)], row_height=10)
    return document


def test_every_page_has_the_heading_and_its_number_and_no_row_is_lost() -> None:
    found = pages(sheet(90).made(AT))
    assert len(found) == 4
    for number, text in enumerate(found, 1):
        assert "序號" in text and "簽到" in text and f"第{number}頁，共4頁" in text
    assert (
        sum(text.count("𠮷野㛢") for text in found) == 23
        and sum(text.count("王小明") for text in found) == 22
    )


def test_parts_of_a_file_count_their_own_pages() -> None:
    document = sheet(90)
    document.part()
    document.paragraph("另一份")
    assert "第1頁，共1頁" in pages(document.made(AT))[-1]


def test_the_same_file_is_made_of_the_same_data() -> None:
    assert sheet(5).made(AT) == sheet(5).made(AT)


def test_a_character_that_no_font_has_is_refused_by_its_name() -> None:
    with pytest.raises(pdf.NoGlyph) as refused:
        sheet(3, "王\U00016a40明").made(AT)
    assert "U+16A40" in refused.value.message and "王\U00016a40明" in refused.value.message


def test_invisible_characters_and_selectors_of_variants_are_left_out() -> None:
    assert "葛城" in pages(sheet(1, "葛\U000e0100\u200b城").made(AT))[0]


def test_a_row_that_is_higher_than_a_page_goes_on_on_the_next() -> None:
    text = "".join(pages(sheet(1, "很長的備註" * 600).made(AT)))
    assert text.replace("\n", "").count("很") == 600


def measure(text: str) -> float:
    return width(text, 12)


def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one() -> None:
    text = "各校應於「結案期限」前完成（含附件），逾期者，依『要點』辦理；特此通知。" * 4
    for room in range(30, 90, 3):
        lines = line_breaks.lines(text, room, room, measure)
        assert "".join(lines) == text
        assert not [
            line for line in lines if line[0] in line_breaks.CLOSING or line[-1] in line_breaks.OPENING
        ]
        assert all(measure(line) <= room for line in lines)


def test_a_number_is_never_broken() -> None:
    text = "依據本府112年3月1日屏府教字第11200000001號函辦理，經費12,345元，計3.5小時。"
    for room in range(30, 90, 3):
        broken = "\n".join(line_breaks.lines(text, room, room, measure))
        assert all(number in broken for number in ("112", "11200000001", "12,345", "3.5"))


def test_what_is_wider_than_a_line_is_cut_by_characters() -> None:
    lines = line_breaks.lines("https://example.org/" + "a" * 80, 40, 40, measure)
    assert "".join(lines) == "https://example.org/" + "a" * 80 and len(lines) > 3


def test_a_long_name_is_broken_between_its_parts_and_a_sentence_is_not() -> None:
    assert line_breaks.lines("巴勒達斯·卡狼·撒古流", 30, 30, measure) == ["巴勒達斯·", "卡狼·撒古流"]
    assert line_breaks.lines("講師巴勒達斯·卡狼到場。", 30, 30, measure)[0] == "講師巴勒達斯·"
