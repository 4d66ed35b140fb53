"""Parts of a sentence are written as the language of the reader writes them."""

from datetime import date

import pytest
from django.template import Context, Template
from django.utils import translation

from kit.errors import Refusal
from kit.sentence_parts import day_words, listed

DAY = date(2026, 11, 28)


def test_a_day_and_a_list_follow_the_language_of_the_reader() -> None:
    with translation.override("zh-hant"):
        assert (day_words(DAY), listed(["甲", "乙"])) == ("115年11月28日", "甲、乙")
    with translation.override("en"):
        assert (day_words(DAY), listed(["甲", "乙"])) == ("2026-11-28", "甲, 乙")


def test_a_refusal_writes_a_day_as_the_language_of_the_reader_does() -> None:
    refusal = Refusal("%(day)s", day=DAY)
    with translation.override("zh-hant"):
        assert refusal.message == "115年11月28日"
    with translation.override("en"):
        assert refusal.message == "2026-11-28"


def test_the_colon_after_a_label_is_full_width_in_chinese_only() -> None:
    template = Template('{% translate "Contact"|labelled %}{{ phone }}')
    with translation.override("zh-hant"):
        assert template.render(Context({"phone": "08"})) == "聯絡資訊：08"
    with translation.override("en"):
        assert template.render(Context({"phone": "08"})) == "Contact: 08"


@pytest.mark.parametrize(("language", "words"), [("zh-hant", "甲、乙"), ("en", "甲, 乙")])
def test_a_template_lists_in_the_language_of_its_reader(language: str, words: str) -> None:
    template = Template("{{ found|listed }}")
    with translation.override(language):
        assert template.render(Context({"found": ["甲", "乙"]})) == words
        assert template.render(Context({"found": "一個單位"})) == "一個單位"
