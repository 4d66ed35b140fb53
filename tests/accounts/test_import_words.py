"""The words of the files that are sent have a meaning beside them for readers of another language than Chinese."""

from django.utils import translation

from accounts.imports import code_lists, days_off, people_lines, unit_lines
from accounts.presenters import import_words

HEADINGS = (
    *unit_lines.NEEDED,
    *unit_lines.OPTIONAL,
    *people_lines.NEEDED,
    *people_lines.OPTIONAL,
    *days_off.HEADER,
    *code_lists.HEADER,
)


def all_words() -> import_words.Pairs:
    words = [import_words.levels(), import_words.kinds(), import_words.school_types(), import_words.roles()]
    return import_words.columns(HEADINGS) + sum(words, [])


def test_every_word_of_a_file_has_a_meaning_in_english() -> None:
    with translation.override("en"):
        assert not [word for word, meaning in all_words() if not meaning]
        assert ("上級單位", "Code of the parent unit") in all_words()


def test_in_chinese_the_words_stand_alone() -> None:
    with translation.override("zh-hant"):
        assert not [meaning for _word, meaning in all_words() if meaning]
