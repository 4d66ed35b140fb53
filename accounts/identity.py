"""National IDs: their forms and check digits, sealed at rest, found through a keyed hash, shown masked."""

import hashlib
import hmac
import re
import unicodedata

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from inservice.errors import Refusal

# The letter's value is its place in this row plus ten.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
_WEIGHTS = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
_NATIONAL = re.compile(r"^[A-Z][1289]\d{8}\Z")
_OLD_RESIDENT = re.compile(r"^[A-Z][A-D]\d{8}\Z")
_PASSPORT = re.compile(r"^[A-Z0-9]{6,12}\Z")
HIDDEN = 4


class BadNationalId(Refusal):
    sentence = _(
        "“%(shown)s” is not a valid national ID or resident number: please check the letter and the digits."
    )
    field = "national_id"


def normalise(text: str) -> str:
    """NFKC, capitals, no blanks or hyphens: the one form that is hashed."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).upper()


def is_checked(number: str) -> bool:
    """Whether a normalised national, new or old resident number has the right check digit."""
    if not (_NATIONAL.match(number) or _OLD_RESIDENT.match(number)):
        return False
    first = _LETTERS.index(number[0]) + 10
    # An old resident number's second letter counts as the last digit of its value.
    second = str((_LETTERS.index(number[1]) + 10) % 10) if number[1].isalpha() else number[1]
    digits = [first // 10, first % 10, int(second), *map(int, number[2:])]
    return sum(d * w for d, w in zip(digits, _WEIGHTS, strict=True)) % 10 == 0


def parse(text: str, *, passports: bool = False) -> str:
    """The normalised number, or BadNationalId. A passport number is accepted only where the caller says so."""
    number = normalise(text)
    looks_national = bool(_NATIONAL.match(number) or _OLD_RESIDENT.match(number))
    if is_checked(number) or (passports and not looks_national and _PASSPORT.match(number)):
        return number
    raise BadNationalId(shown=masked(number))


def masked(number: str) -> str:
    """A12345****; a number of four or fewer characters is hidden whole."""
    return number[:-HIDDEN] + "*" * min(HIDDEN, len(number))


def fingerprint(number: str) -> str:
    """The keyed hash under which a normalised number is found. The pepper never stands in the database."""
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
