"""Parts of a sentence in the language of its reader: a day, a list of names."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import get_language, pgettext

from kit import clock


def is_chinese() -> bool:
    """Whether the sentence is written in Chinese, which is the language where none is chosen."""
    return (get_language() or "zh").startswith("zh")


def day_words(day: date) -> str:
    """Return a Taipei day: 112年3月31日 in Chinese, 2023-03-31 in English."""
    return clock.to_roc(day) if is_chinese() else day.isoformat()


def listed(words: Iterable[str]) -> str:
    """Return the words as one list: with 、 in Chinese, with commas in English."""
    return pgettext("list", ", ").join(words)


def labelled(value: object) -> str:
    """Return a label and its colon for the text that follows at once: 聯絡資訊： and "Contact: "."""
    return f"{value}：" if is_chinese() else f"{value}: "
