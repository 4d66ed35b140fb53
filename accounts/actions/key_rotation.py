"""A new field key: everything sealed under an older of FIELD_KEYS is sealed again under the first one.

1. Put the new key in front: `FIELD_KEYS=new,old`; restart. 2. `manage.py rotate_keys`. 3. Take the old key away; restart.
"""

from collections.abc import Iterator

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import transaction

from accounts.actions import key_canaries
from accounts.identity import reseal
from accounts.locks import lock_authenticator
from accounts.models import User

BLOCK = 500
SECRETS = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


def rotate() -> dict[str, int]:
    """Encrypt again the values sealed with an older key; return how many values of each kind. Safe to stop, to repeat and to
    run beside the site.
    """
    key_canaries.seal_again()
    return {
        "national IDs": _numbers("id_sealed"),
        "passports": _numbers("passport_sealed"),
        "second factors": _second_factors(),
    }


def is_current(sealed: str) -> bool:
    """Whether the first of FIELD_KEYS opens it."""
    try:
        Fernet(settings.FIELD_KEYS[0]).decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def _numbers(column: str) -> int:
    count = 0
    for pks in _blocks(column):
        with transaction.atomic():
            for pk, sealed in User.objects.filter(pk__in=pks).values_list("pk", column):
                if sealed and not is_current(sealed):
                    # Only where it is still what was read: an import that seals a new number meanwhile wins.
                    same = User.objects.filter(pk=pk, **{column: sealed})
                    count += same.update(**{column: reseal(sealed)})
    return count


def _blocks(column: str) -> Iterator[list[int]]:
    last = 0
    people = User.objects.exclude(**{column: ""}).order_by("pk")
    while pks := list(people.filter(pk__gt=last).values_list("pk", flat=True)[:BLOCK]):
        yield pks
        last = pks[-1]


def _second_factors() -> int:
    count = 0
    for kind, name in SECRETS.items():
        for pk in Authenticator.objects.filter(type=kind).values_list("pk", flat=True):
            with transaction.atomic():
                row = lock_authenticator(pk)
                if row and name in row.data and not is_current(row.data[name]):
                    row.data[name] = reseal(row.data[name])
                    row.save(update_fields=["data"])
                    count += 1
    return count
