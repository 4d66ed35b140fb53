"""The claims of an education log-in as they may be stored: identity numbers hashed and masked, never in clear.

The log-in library stores the claims with the connected log-in at each log-in.
"""

from collections.abc import Mapping
from typing import Any

from accounts import identity
from kit.masking import mask

# Distinguished by their whole text, and no place for a number.
UNMASKED = {"sub", "email", "iss", "aud", "nonce", "at_hash", "c_hash", "jti", "sid"}


def as_kept(data: Any, number_claim: str | None) -> Any:
    """The claims with the number of `number_claim` as hash and mask, and every other identity number masked."""
    if isinstance(data, Mapping):
        return {
            name: _number(value)
            if name == number_claim and value
            else value
            if name in UNMASKED
            else as_kept(value, number_claim)
            for name, value in data.items()
        }
    if isinstance(data, list | tuple):
        return [as_kept(value, number_claim) for value in data]
    return mask(data) if isinstance(data, str) else data


def _number(value: Any) -> Any:
    if isinstance(value, Mapping):
        return value  # kept before
    return {"hash": identity.hash_of_typed(str(value)[:40]), "shown": identity.mask_cell(str(value)[:40])}


def hash_of_claim(value: Any) -> str:
    """The hash of a claimed number, kept or as it came; nothing for what is no number."""
    return (
        str(value.get("hash", "")) if isinstance(value, Mapping) else identity.hash_of_typed(str(value)[:40])
    )
