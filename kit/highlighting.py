"""Marking what a search found, in the text as it was written, and telephone numbers as links."""

import re
import unicodedata

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from kit.texts import alike, fold

MOST_WORDS = 8


def highlight(text: str, words: str) -> SafeString:
    """`text` with <mark> around every word that the search folds alike: 台 marks 臺, ＡＩ marks AI. Everything is escaped."""
    spans = _spans(text, fold(words).split()[:MOST_WORDS])
    pieces, at = [], 0
    for start, end in spans:
        pieces += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
        at = end
    return mark_safe("".join([*pieces, escape(text[at:])]))  # noqa: S308 - each piece is escaped above


def words_beyond(words: str) -> str:
    """Return the words of a search that are not looked for, as they are more than `MOST_WORDS`; the page says so."""
    return " ".join(fold(words).split()[MOST_WORDS:])


def _spans(text: str, words: list[str]) -> list[tuple[int, int]]:
    """Return where the words occur in `text`: sorted, overlapping ones joined."""
    folded, origin = _folded(text)
    found = sorted(
        (origin[match.start()], origin[match.end() - 1] + 1)
        for word in words
        for match in re.finditer(re.escape(word), folded)
    )
    joined: list[tuple[int, int]] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _folded(text: str) -> tuple[str, list[int]]:
    """Each character folded on its own, and for each folded one the place it came from."""
    folded, origin = [], []
    for index, character in enumerate(text):
        for piece in alike(character):
            folded.append(piece)
            origin.append(index)
    return "".join(folded), origin


def tel(number: str) -> str:
    """A telephone number as a link: 07-7258600#123 is tel:077258600;ext=123; empty when it is no number."""
    main, _mark, extension = unicodedata.normalize("NFKC", number).partition("#")
    if not _mark:
        main, _mark, extension = re.sub(r"(?i)(分機|ext\.?)", "#", main).partition("#")
    digits, inner = re.sub(r"[\s().-]", "", main), re.sub(r"[\s:：-]", "", extension)
    if not re.fullmatch(r"\+?[0-9]{6,15}", digits):
        return ""
    return f"tel:{digits};ext={inner}" if re.fullmatch(r"[0-9]{1,8}", inner) else f"tel:{digits}"
