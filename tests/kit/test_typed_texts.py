"""Identity numbers in texts that others read are refused with their place; links and look-alikes are not."""

import pytest

from kit.typed_texts import NumberInText, require_no_number

REFUSED = {
    "A123456789": 1,
    "請帶證件，王小明a123456789請補": 1,
    "第一行\n第二行：Ａ１２３４５６７８９": 2,
    "A 123-456-789": 1,
    "統一證號 A800000014": 1,
    "舊證號 AB12345677": 1,
    "A123456789。網址 https://school.example/": 1,
    "https://school.example/，A123456789": 1,
    "A123456788 不對；A123456789": 1,
}
KEPT = (
    "",
    "請於 12 月 5 日 09:00 到場，電話 08-7320415 分機 1234",
    "https://github.example/team/pull/pr1234567",
    "https://school.example/d/A123456789/view",
    "見 www.school.example/?q=A123456789。",
    "A123456788",  # the check digit is wrong
    "XA123456789",
    "A1234567890",
    "code_A123456789",
    "屏府教學字第11207522100號",
    "研習課程代碼 4000001",
    "AB1234567",  # a passport
    "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
)


@pytest.mark.parametrize("text", REFUSED)
def test_a_number_is_refused_with_its_line_and_never_whole(text: str) -> None:
    with pytest.raises(NumberInText) as refused:
        require_no_number(text)
    assert refused.value.params["line"] == REFUSED[text]
    assert "****" in refused.value.message and "456789" not in refused.value.message


@pytest.mark.parametrize("text", KEPT)
def test_links_and_look_alikes_are_kept(text: str) -> None:
    require_no_number(text)


def test_the_refusal_names_the_field() -> None:
    with pytest.raises(NumberInText) as refused:
        require_no_number("", "A123456789", field="subject")
    assert refused.value.field == "subject"
