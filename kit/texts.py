"""Cleaning what people type, once, for forms, imports and the API; and the one folding in which texts are compared and searched."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal

_ALLOWED_CONTROLS = {"\n", "\t"}
# Line and paragraph separators and the carriage return are line breaks.
_BREAKS = re.compile("\r\n|[\r\u0085\u2028\u2029]")
# Joins the parts of one emoji; every other format character (zero width, direction, byte order mark) is dropped.
_JOINER = "\u200d"
# Characters without a picture: fillers and separators that make a text look empty, or two texts look alike.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# The middle dots of names of indigenous people and of foreigners, which every keyboard writes in another way.
_DOTS = "·‧・•∙⋅・᛫⸱⸳"
_DOT = "·"


def tidy(text: str) -> str:
    """Return the text as it is stored: NFC, without invisible characters, stripped.

    Line breaks and tabs stay. A text of invisible characters only becomes empty, so that a required field refuses it. Raises
    nothing.
    """
    text = _BREAKS.sub("\n", unicodedata.normalize("NFC", text))
    # What Python calls printable has no control, format character, surrogate or noncharacter: of files, nearly every cell.
    if not text.isprintable() or not _INVISIBLE.isdisjoint(text):
        text = "".join(c for c in text if c in _ALLOWED_CONTROLS or not is_dropped(c))
    kept = text.strip()
    return kept if any(c != _JOINER and unicodedata.category(c)[0] != "M" for c in kept) else ""


def tidy_line(text: str) -> str:
    """Return the text tidied and on one line."""
    return " ".join(tidy(text).split())


def is_dropped(character: str) -> bool:
    """Whether `tidy` drops this character: controls, surrogates, noncharacters, format characters, fillers."""
    is_format = unicodedata.category(character) == "Cf" and character != _JOINER
    return is_format or character in _INVISIBLE or is_unstorable(character)


def is_unstorable(character: str) -> bool:
    """Whether a database or a file of XML refuses the character: controls, surrogates, noncharacters (U+FFFE, U+FFFF, U+FDD0 …)."""
    point = ord(character)
    is_noncharacter = point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF
    return is_noncharacter or unicodedata.category(character) in ("Cc", "Cs")


def printable(text: str) -> str:
    """Return the text without the characters that XML cannot hold, for files that other programs read. Blanks stay."""
    return "".join(c for c in text if c in "\n\t\r" or not is_unstorable(c))


def fold(text: str) -> str:
    """Return the form in which texts are compared and searched: `alike`, blanks collapsed."""
    return " ".join(alike(tidy(text)).split())


def squeezed(name: str) -> str:
    """Return the form in which two names are compared: folded, without blanks."""
    return fold(name).replace(" ", "")


def without_blanks(text: str) -> str:
    """Return a code, a day or a heading as it is read: half width, without any blank."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def alike(text: str) -> str:
    """Fold what counts as the same character: full and half width, capital and small, 台 and 臺, every middle dot. Blanks stay."""
    folded = unicodedata.normalize("NFKC", text).lower().replace("台", "臺")
    return "".join(_DOT if c in _DOTS else c for c in folded)


def contains_word(column: str, words: str, *, also: str = "") -> Q:
    """Return the condition that a column holds every word, folded as `fold` does. For columns without a folded copy.

    `also` names a column in which a word may be found whole instead (a code or number), without regard to case.
    """
    condition = Q()
    for word in fold(words).split():
        found = Q(**{f"{column}__iregex": _pattern(word)})
        condition &= found | Q(**{f"{also}__iexact": word}) if also else found
    return condition


def _pattern(word: str) -> str:
    return "".join(_class_of(c) for c in word)


def _class_of(character: str) -> str:
    """One folded character as a pattern that matches every character that folds to it."""
    if character == "臺":
        return "[臺台]"
    if character == _DOT:
        return f"[{_DOTS}]"
    point = ord(character)
    if 0x21 <= point <= 0x7E:
        wide = chr(point + 0xFEE0)
        plain = character if character.isalnum() else "\\" + character
        return f"({plain}|{wide}|{wide.upper()})" if character.isalpha() else f"({plain}|{wide})"
    return re.escape(character)


# Nothing can be sent to an address of this top-level domain (RFC 6761): people without a mailbox have one.
NO_MAILBOX = ".invalid"


def is_mailbox(text: str) -> bool:
    """Return whether a text is written as an e-mail address is that can receive mail."""
    try:
        check_mailbox(text)
    except ValidationError:
        return False
    return True


def check_mailbox(text: str) -> None:
    """Validator of an e-mail address; one that can receive nothing marks people without a mailbox, and is nobody's."""
    validate_email(text)
    if text.lower().endswith(NO_MAILBOX):
        raise ValidationError(validate_email.message, code="invalid")


class TextTooLong(Refusal):
    sentence = _("No more than %(most)s characters, please; this text has %(length)s.")
    status = 400


def typed(text: str, most: int) -> str:
    """Return a tidied text of at most `most` characters, for the few texts that no form reads. Raise TextTooLong."""
    kept = tidy(text)
    if len(kept) > most:
        raise TextTooLong(most=most, length=len(kept))
    return kept


def refuse_controls(value: str) -> None:
    """Validator: NUL, other control characters and noncharacters are refused with a sentence (PostgreSQL cannot store NUL)."""
    if any(is_unstorable(c) for c in value if c not in "\n\t\r"):
        raise ValidationError(_("This text contains characters that cannot be stored."), code="controls")
