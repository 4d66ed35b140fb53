"""National IDs and passports: two kinds of numbers, sealed at rest, found through a keyed hash, shown masked."""

import hashlib
import hmac
import re
import unicodedata

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal
from kit.masking import NATIONAL, is_checked, mask_cell, masked

__all__ = ["is_checked", "mask_cell", "masked"]

# Numbers of six to twelve characters with a digit in them: what the world's passports have in common.
_PASSPORT = re.compile(r"(?=.*\d)[A-Z0-9]{6,12}\Z", re.ASCII)
_IGNORED = re.compile(r"[\s\-\u2010-\u2015\u200b-\u200f\u2060\ufeff]")


class BadNationalId(Refusal):
    sentence = _(
        "“%(shown)s” is not a valid national ID or resident number: please check the letter and the digits."
    )
    field = "national_id"


class BadPassport(Refusal):
    sentence = _(
        "“%(shown)s” is not a passport number: six to twelve letters and digits. National IDs and resident numbers have "
        "their own column."
    )
    field = "passport"


def normalise(text: str) -> str:
    """Return the one form that is hashed: NFKC, capitals, no blanks, hyphens or invisible characters."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text)).upper()


def parse(text: str) -> str:
    """Return the normalised national or resident number. Raise BadNationalId for any other form or a wrong check digit."""
    number = normalise(text)
    if not is_checked(number):
        raise BadNationalId(shown=mask_cell(number[:40]))
    return number


def parse_passport(text: str) -> str:
    """Return the normalised passport number. Raise BadPassport; what has the form of a national ID is none."""
    number = normalise(text)
    if not _PASSPORT.match(number) or NATIONAL.match(number):
        raise BadPassport(shown=mask_cell(number[:40]))
    return number


def hash_of_typed(text: str) -> str:
    """Return the hash of a typed national ID or passport number, or nothing for a text that has the form of neither."""
    number = normalise(text)
    is_number = is_checked(number) or _PASSPORT.match(number)
    return fingerprint(number) if is_number else ""


def fingerprints(typed: str) -> Q:
    """Return the condition under which a typed number is a person's national ID or passport; an empty one if it is neither."""
    found = hash_of_typed(typed)
    return Q(id_hash=found) | Q(passport_hash=found) if found else Q()


def fingerprint(number: str) -> str:
    """The keyed hash of a normalised number, for look-ups. The pepper is never in the database."""
    return hmac.new(settings.ID_PEPPER.encode(), number.encode(), hashlib.sha256).hexdigest()


def seal(number: str) -> tuple[str, str]:
    """(sealed text, hash) of a normalised number."""
    return seal_text(number), fingerprint(number)


def seal_text(text: str) -> str:
    """Any short secret sealed under the first of FIELD_KEYS."""
    return _fernet().encrypt(text.encode()).decode()


def reseal(sealed: str) -> str:
    """The same secret under the first key, whichever of FIELD_KEYS it was sealed with (rotation)."""
    return _fernet().rotate(sealed.encode()).decode()


def unseal(sealed: str) -> str:
    return _fernet().decrypt(sealed.encode()).decode()


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])
