"""Do FIELD_KEYS, ID_PEPPER and AUDIT_KEY belong to this database?

With a wrong key nothing fails at first: people are not found, second steps are refused, the record counts as broken. After a migration a known text
is kept under each key; `manage.py check --deploy` reads it again. Where older data are there already, the key must fit them
before it is taken as right.
"""

import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connections, transaction

from accounts import identity
from accounts.models import KeyCanary, User
from audit.keyed import chain_proof_of, keyed_facts
from audit.models import AuditChain

TEXT = "canary"
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Key:
    seal: Callable[[], str]
    opens: Callable[[str], bool]
    fits_older_data: Callable[[], bool]


def write() -> None:
    """Keep what is missing. A key that does not fit the data that are there is not taken, and `wrong` names it."""
    known = set(KeyCanary.objects.values_list("name", flat=True))
    for name, key in KEYS.items():
        if name not in known and key.fits_older_data():
            KeyCanary.objects.get_or_create(name=name, defaults={"sealed": key.seal()})


def wrong() -> list[str]:
    """Return the names of the keys under which this database was not written."""
    kept = dict(KeyCanary.objects.values_list("name", "sealed"))
    return [
        name
        for name, key in KEYS.items()
        if not (key.opens(kept[name]) if name in kept else key.fits_older_data())
    ]


def seal_again() -> None:
    """Seal the text under the first of FIELD_KEYS, when another of them opens it (rotation)."""
    rows = KeyCanary.objects.filter(name="FIELD_KEYS")
    for row in rows:
        if _opens_sealed(row.sealed):
            rows.filter(sealed=row.sealed).update(sealed=identity.reseal(row.sealed))


def _opens_sealed(sealed: str) -> bool:
    try:
        return identity.unseal(sealed) == TEXT
    except (InvalidToken, ValueError):
        return False


def _person() -> User | None:
    return User.objects.exclude(id_sealed="").order_by("pk").first()


def _opens_people() -> bool:
    person = _person()
    try:
        return person is None or bool(identity.unseal(person.id_sealed))
    except (InvalidToken, ValueError):
        return False


def _finds_people() -> bool:
    person = _person()
    try:
        return person is None or identity.fingerprint(identity.unseal(person.id_sealed)) == person.id_hash
    except (InvalidToken, ValueError):
        return False


def _proves_chains() -> bool:
    return all(hmac.compare_digest(chain_proof_of(row), row.proof) for row in AuditChain.objects.all())


KEYS = {
    "FIELD_KEYS": Key(lambda: identity.seal_text(TEXT), _opens_sealed, _opens_people),
    "ID_PEPPER": Key(
        lambda: identity.fingerprint(TEXT),
        lambda sealed: hmac.compare_digest(sealed, identity.fingerprint(TEXT)),
        _finds_people,
    ),
    "AUDIT_KEY": Key(
        lambda: keyed_facts(TEXT),
        lambda sealed: hmac.compare_digest(sealed, keyed_facts(TEXT)),
        _proves_chains,
    ),
}


def after_migration(using: str, **kwargs: Any) -> None:
    tables = connections[using].introspection.table_names()
    if KeyCanary._meta.db_table not in tables or AuditChain._meta.db_table not in tables:
        return  # a database that is migrated back, or not yet forth
    with transaction.atomic(using=using):
        write()
    for name in wrong():
        logger.error("key does not belong to this database", extra={"key": name})


@register(Tags.security, deploy=True)
def keys_belong_to_the_database(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Compare the keys where the database can be reached; an image is checked where it is built, without one."""
    try:
        found = wrong()
    except DatabaseError:
        return []
    return [
        Error(
            f"{name} is not the key with which this database was written.",
            hint="Take the key from where it is kept apart from the database (docs/operations.md, Keys).",
            id="accounts.E001",
        )
        for name in found
    ]
