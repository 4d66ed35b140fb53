"""The hash under which a secret text is kept: a key, a link, the address of a calendar, the mark of a browser."""

import hashlib


def digest_of(secret: str) -> str:
    """Return the SHA-256 of a random secret of 256 bits: nothing is gained by a slow hash, and a row is found by it."""
    return hashlib.sha256(secret.encode()).hexdigest()
