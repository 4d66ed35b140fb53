"""`check --deploy` knows whether the keys belong to the database."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.checks import run_checks
from django.core.management import call_command

from accounts import identity
from accounts.actions import key_canaries
from accounts.models import KeyCanary
from tests.factories import make_user

pytestmark = pytest.mark.django_db
NAMES = ["FIELD_KEYS", "ID_PEPPER", "AUDIT_KEY"]


def another(settings: Any, name: str) -> None:
    setattr(settings, name, [Fernet.generate_key().decode()] if name == "FIELD_KEYS" else "another secret")


def told() -> list[str]:
    found = run_checks(include_deployment_checks=True, tags=["security"])
    return [message.msg.split()[0] for message in found if message.id == "accounts.E001"]


def test_a_migrated_database_knows_its_keys() -> None:
    assert set(KeyCanary.objects.values_list("name", flat=True)) == set(NAMES) and told() == []


@pytest.mark.parametrize("name", NAMES)
def test_each_wrong_key_is_named(settings: Any, name: str) -> None:
    another(settings, name)
    assert told() == [name]
    key_canaries.write()
    assert told() == [name], "a later migration does not bless it"


@pytest.mark.parametrize("name", NAMES)
def test_a_database_from_before_is_compared_by_what_is_in_it(settings: Any, name: str) -> None:
    person = make_user()
    person.id_sealed, person.id_hash = identity.seal("A123456789")
    person.save(update_fields=["id_sealed", "id_hash"])
    KeyCanary.objects.all().delete()
    another(settings, name)
    assert name in told()
    key_canaries.write()
    assert name not in KeyCanary.objects.values_list("name", flat=True)


def test_a_key_that_is_no_key_at_all_is_named_too(settings: Any) -> None:
    settings.FIELD_KEYS = ["nonsense"]
    assert "FIELD_KEYS" in told()


def test_after_a_rotation_the_old_key_may_go(settings: Any) -> None:
    new = Fernet.generate_key().decode()
    settings.FIELD_KEYS = [new, *settings.FIELD_KEYS]
    call_command("rotate_keys", verbosity=0)
    settings.FIELD_KEYS = [new]
    assert told() == []
