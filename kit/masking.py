"""The one mask of identity numbers: for pages, sentences, log lines, refused rows of files, and the record.

A number is found by its pattern wherever it is written: beside Chinese or an underscore, in full width, in small letters, with
blanks or hyphens in it. `\\b` is no boundary here, as it does not hold between a Chinese character and a digit.
"""

import re
import unicodedata

HIDDEN = 4
# As much of a number as the mask ever leaves: A12345.
SHOWN = 6
_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
_WEIGHTS = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
# National ID, new and old resident number, in capitals.
NATIONAL = re.compile(r"[A-Z][1289A-D]\d{8}\Z", re.ASCII)

# A word that looks like a number: the right form, a digit missing or one too many, O or l for a digit; or the most common forms
# of passports, one or two letters and six to nine digits. The first group of a UUID is none.
_WORD = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z][A-Da-d0-9OoIl][0-9OoIl]{7,9}|[A-Za-z]{1,2}[0-9]{6,9})(?![A-Za-z0-9]|-[0-9A-Fa-f]{4}-)"
)
# The right form with single separators in it, or inside a longer word: a number only if the check digit says so.
_GAP = r"[\s\-_.·\u2010-\u2015\u200b-\u200f\u2060\ufeff]?"
_SPREAD = re.compile(rf"(?=([A-Za-z]{_GAP}[A-Da-d1289](?:{_GAP}[0-9]){{8}}))")
# A passport of digits only looks like a telephone number (087642009), so in a free text it is one only beside its word.
_PASSPORT = re.compile(
    r"(?:護照|[Pp]assport)[^0-9A-Za-z\n]{0,3}(?:號碼|[Nn]umber|[Nn]o)?[^0-9A-Za-z\n]{0,6}([0-9]{6,10})(?![0-9A-Za-z])"
)
_DIGEST = re.compile(
    r"(?<![A-Za-z0-9])(?:[0-9a-f]{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![A-Za-z0-9])"
)
_ANY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9]|[\s\-](?=[A-Za-z0-9]))*")
_DIGITS = re.compile(r"[0-9]")


def is_checked(number: str) -> bool:
    """Whether a normalised national, new or old resident number has the right check digit."""
    if not NATIONAL.match(number):
        return False
    first = _LETTERS.index(number[0]) + 10
    # An old resident number's second letter counts as the last digit of its value.
    second = str((_LETTERS.index(number[1]) + 10) % 10) if number[1].isalpha() else number[1]
    digits = [first // 10, first % 10, int(second), *map(int, number[2:])]
    return sum(d * w for d, w in zip(digits, _WEIGHTS, strict=True)) % 10 == 0


def masked(number: str) -> str:
    """A12345****: the last four characters hidden, as the ministry requires, and never more than six shown."""
    return number[: min(SHOWN, max(len(number) - HIDDEN, 0))] + "*" * min(HIDDEN, len(number))


def mask(text: str) -> str:
    """The text with every identity number in it masked; other text stays as it is."""
    flat = _half_width(text)
    return _hide(text, _numbers(flat)) if _DIGITS.search(flat) else text


def holds_number(text: str) -> bool:
    """Whether a text holds what looks like an identity number, whole."""
    return mask(text) != text


def checked_numbers(text: str) -> list[tuple[int, int]]:
    """Return where a text has a number with a right check digit as a word of its own, with or without single separators in it."""
    flat = _half_width(text)
    found = [match.span(1) for match in _SPREAD.finditer(flat) if is_checked(_compact(match[1]))]
    return [
        (start, end)
        for start, end in found
        if not _is_word(flat[start - 1 : start]) and not _is_word(flat[end : end + 1])
    ]


def mask_cell(text: str) -> str:
    """Mask a cell or a field that should hold an identity number, whatever number it holds instead."""
    flat = _half_width(text)
    others = [
        word.span()
        for word in _ANY.finditer(flat)
        if len(_compact(word[0])) > HIDDEN
        and _DIGITS.search(word[0])
        and not flat[word.end() : word.end() + 2].lstrip().startswith("*")  # masked already
    ]
    return _hide(text, _numbers(flat) + others)


def _numbers(flat: str) -> list[tuple[int, int]]:
    spans = [match.span() for match in _WORD.finditer(flat) if _looks_like_one(match, flat)]
    spans += [match.span(1) for match in _PASSPORT.finditer(flat)]
    digests = [match.span() for match in _DIGEST.finditer(flat)]
    for match in _SPREAD.finditer(flat):
        start, end = match.span(1)
        if is_checked(_compact(match[1])) and not _inside(start, end, digests):
            spans.append((start, end))
    return spans


def _looks_like_one(word: re.Match[str], text: str) -> bool:
    """Whether a word is an identity number or a slip of one. `s11234567@…` is a mailbox, unless it is a whole number."""
    if NATIONAL.match(word[0].upper()):
        return True
    return len(_DIGITS.findall(word[0])) >= SHOWN and text[word.end() : word.end() + 1] != "@"


def _half_width(text: str) -> str:
    """The text in half width, character by character, so that places stay the same."""
    if text.isascii():
        return text
    return "".join(n if len(n := unicodedata.normalize("NFKC", c)) == 1 else c for c in text)


def _compact(text: str) -> str:
    return "".join(c for c in text if c.isascii() and c.isalnum()).upper()


def _is_word(text: str) -> bool:
    return text.isascii() and (text.isalnum() or text == "_")


def _inside(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(first <= start and end <= last for first, last in spans)


def _hide(text: str, spans: list[tuple[int, int]]) -> str:
    """Mask from behind, so that the places before stay right; overlapping numbers are hidden as one."""
    whole: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if whole and start < whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    for start, end in reversed(whole):
        text = text[:start] + masked(text[start:end]) + text[end:]
    return text


def masked_name(name: str) -> str:
    """Return a name with all hidden but its first character, and of three Chinese characters and more its last: 王○明, 王○, W○."""
    if len(name) < 3 or name.isascii():
        return name[:1] + "○"
    return name[0] + "○" * (len(name) - 2) + name[-1]
