"""Sealing of small texts that leave the server in an address, or that wait in the database: a way out of a category, a reset link."""

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class BadSeal(Exception):
    """The text was not sealed by this site, or it was cut short."""


def seal(purpose: str, text: str) -> str:
    """Return the text encrypted under SECRET_KEY for one purpose."""
    return _sealer(purpose).encrypt(text.encode()).decode()


def unseal(purpose: str, sealed: str) -> str:
    """Return the text of `seal`. Raise `BadSeal`."""
    try:
        return _sealer(purpose).decrypt(sealed.encode()).decode()
    except (InvalidToken, UnicodeError):
        raise BadSeal from None


def _sealer(purpose: str) -> MultiFernet:
    return _keys(purpose, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=8)
def _keys(purpose: str, *secrets: str) -> MultiFernet:
    keys = [hashlib.sha256(f"notices.{purpose}:{secret}".encode()).digest() for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
