"""Texts that a person types and others read, in a notice, a mail or on a page: an identity number in them is refused, with its place.

A mask would change what the person wrote, and a mask of whole mails would break links (`pr1234567`). So the person takes the number out.
"""

import re

from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal
from kit.masking import checked_numbers, masked

# Up to the first character that no address has: in Chinese text a link ends at its comma, without a blank.
_LINK = re.compile(r"(?:https?://|www\.)[\x21-\x7e]+", re.IGNORECASE)


class NumberInText(Refusal):
    sentence = _(
        "Line %(line)s has an identity number (%(shown)s). Others read this text, also as e-mail: please take the number out."
    )
    field = "text"
    status = 422


def without_numbers(text: str) -> str:
    """Return the text with each number that `require_no_number` refuses masked."""
    for start, end in reversed(_numbers(text)):
        text = text[:start] + masked(text[start:end]) + text[end:]
    return text


def _numbers(text: str) -> list[tuple[int, int]]:
    links = [link.span() for link in _LINK.finditer(text)]
    return [
        (start, end)
        for start, end in checked_numbers(text)
        if not any(first <= start and end <= last for first, last in links)
    ]


def require_no_number(*texts: str, field: str = "text") -> None:
    """Raise NumberInText for the first national ID or resident number with a right check digit; the digits of a link are none."""
    for text in texts:
        for start, end in _numbers(text):
            line = text.count("\n", 0, start) + 1
            raise NumberInText(line=line, shown=masked(text[start:end]), field=field)


def require_reason(reason: str, missing: type[Refusal]) -> None:
    """Raise `missing` for a reason without words, NumberInText for one with an identity number."""
    if not reason.strip():
        raise missing
    require_no_number(reason, field="reason")
