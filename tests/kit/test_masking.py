"""One mask hides identity numbers however and wherever they are written."""

import pytest

from kit.errors import Refusal
from kit.masking import is_checked, mask, mask_cell, masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A123456789 (代課老師)", "A12345**** (代課老師)"),
        ("身分證字號A123456789不正確", "身分證字號A12345****不正確"),
        ("x_A123456789", "x_A12345****"),
        ("Ａ１２３４５６７８９", "Ａ１２３４５****"),
        ("a123456789，", "a12345****，"),
        ("A800000014", "A80000****"),
        ("FA12345689號", "FA1234****號"),
        ("A123456788", "A12345****"),
        ("A123456789B123456780", "A12345****B12345****"),
        ("/unit/A123456789/close", "/unit/A12345****/close"),
        ("/unit/ZQ0000001/", "/unit/ZQ000****/"),
        ("護照K1234567遺失", "護照K123****遺失"),
        ("a123456789@school.example", "a12345****@school.example"),
    ],
)
def test_a_number_is_masked_by_its_pattern_beside_any_text(text: str, shown: str) -> None:
    assert mask(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("護照號碼312345678，請查", "護照號碼31234****，請查"),
        ("護照：312345678", "護照：31234****"),
        ("passport no. 312345678", "passport no. 31234****"),
        ("電話087642009，護照已驗", "電話087642009，護照已驗"),
        ("課程1234567", "課程1234567"),
    ],
)
def test_digits_alone_are_a_passport_only_beside_its_word(text: str, shown: str) -> None:
    assert mask(text) == shown


@pytest.mark.parametrize(
    "text", ["A123-456-789", "A 123456789", "A1234 56789", "A\u200b123456789", "A·123456789"]
)
def test_a_number_with_separators_in_it_is_masked(text: str) -> None:
    assert mask(text).endswith("****") and "56789" not in mask(text) and mask_cell(text) == mask(text)


@pytest.mark.parametrize("slip", ["A12345678", "A1234567890", "A12345678O", "AI23456789", "a1234567l9"])
def test_a_slip_of_a_number_is_masked_too(slip: str) -> None:
    assert mask(f"“{slip}”是誰") == f"“{masked(slip)}”是誰"


@pytest.mark.parametrize(
    "text",
    [
        "course 11504-0001 closed, 12 people",
        "屏府教學字第11207522100號",
        "330N01-001",
        "07-7172930#1234",
        "0912345678",
        "室A 2026-11-25 13:30",
        "d41d8cd98f00b204e9800998ecf8427e",
        "s11234567@school.example",
        "Collection",
        "a1234567-89ab-4cde-8f01-23456789abcd",
        "王老師，您好",
        "",
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("300123456", "30012****"),
        ("護照 K1234567 王", "護照 K123**** 王"),
        ("123456789", "12345****"),
        ("A12345678901234", "A12345****"),
        ("A123456789 (代課老師)", "A12345**** (代課老師)"),
        ("無", "無"),
    ],
)
def test_a_cell_for_numbers_hides_whatever_else_was_written(cell: str, shown: str) -> None:
    assert mask_cell(cell) == shown


def test_a_mask_shows_at_most_six_characters_and_hides_short_numbers_whole() -> None:
    assert [masked(n) for n in ("A123456789", "1234567890123", "1234", "")] == [
        "A12345****",
        "123456****",
        "****",
        "",
    ]


def test_masking_twice_is_masking_once() -> None:
    for text in ("A123456789 x", "A12345678", "300123456"):
        assert mask(mask(text)) == mask(text) and mask_cell(mask_cell(text)) == mask_cell(text)


def test_the_sentence_of_every_refusal_is_masked() -> None:
    assert Refusal("“%(text)s”?", text="身分證A123456789").message == "“身分證A12345****”?"


def test_the_check_digit_takes_ascii_digits_only() -> None:
    assert (
        is_checked("A123456789") and not is_checked("A12345678９") and not is_checked("A１２３４５６７８９")
    )
