"""Cleaning what people type, once, for forms, imports and the API."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_ALLOWED_CONTROLS = {"\n", "\t"}


def tidy(text: str) -> str:
    """NFC, no control characters but line breaks and tabs, no surrounding blanks. Refuses nothing; drops \\r."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        c for c in text if c in _ALLOWED_CONTROLS or unicodedata.category(c) not in ("Cc", "Cs")
    ).strip()


def fold(text: str) -> str:
    """The form in which texts are compared and searched: NFKC, lower case, 台 as 臺, blanks collapsed."""
    return " ".join(alike(tidy(text)).split())


def alike(text: str) -> str:
    """What counts as the same character: full and half width, capital and small, 台 and 臺. Blanks stay."""
    return unicodedata.normalize("NFKC", text).lower().replace("台", "臺")


def refuse_controls(value: str) -> None:
    """Validator: NUL and other control characters are refused with a sentence (PostgreSQL cannot store NUL)."""
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t\r" for c in value):
        raise ValidationError(_("This text contains characters that cannot be stored."), code="controls")
