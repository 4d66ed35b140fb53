"""A new field key: everything sealed under the old one opens after it has gone."""

from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.core.management import call_command

from accounts import identity
from accounts.actions.key_rotation import is_current, rotate
from accounts.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db
NUMBERS = ["A123456789", "B123456780", "F131104093"]


def sealed_people() -> list[User]:
    people = [make_user() for _ in NUMBERS]
    for person, number in zip(people, NUMBERS, strict=True):
        person.set_national_id(number)
        person.save()
    Authenticator.objects.create(
        user=people[0], type=Authenticator.Type.TOTP, data={"secret": identity.seal_text("JBSWY3DPEHPK3PXP")}
    )
    Authenticator.objects.create(
        user=people[0],
        type=Authenticator.Type.RECOVERY_CODES,
        data={"seed": identity.seal_text("seed"), "used_mask": 0},
    )
    return people


def test_rotation_makes_the_old_key_superfluous(settings: Any) -> None:
    people = sealed_people()
    old, new = settings.FIELD_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_KEYS = [new, old]
    assert [p.national_id for p in User.objects.order_by("pk")] == NUMBERS, (
        "both keys open while both stand there"
    )
    hashes = list(User.objects.order_by("pk").values_list("id_hash", flat=True))
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    assert "national IDs: 3 sealed again" in out.getvalue() and "second factors: 2" in out.getvalue()
    settings.FIELD_KEYS = [new]
    assert [p.national_id for p in User.objects.order_by("pk")] == NUMBERS
    assert list(User.objects.order_by("pk").values_list("id_hash", flat=True)) == hashes
    kept = Authenticator.objects.get(user=people[0], type=Authenticator.Type.TOTP)
    assert identity.unseal(kept.data["secret"]) == "JBSWY3DPEHPK3PXP"
    assert rotate() == {"national IDs": 0, "passports": 0, "second factors": 0}


def test_without_rotation_a_value_under_a_removed_key_stays_shut(settings: Any) -> None:
    person = sealed_people()[0]
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    assert not is_current(person.id_sealed)
    with pytest.raises(InvalidToken):
        _ = person.national_id


def test_rotation_goes_through_every_block(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.actions.key_rotation.BLOCK", 2)
    sealed_people()
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]
    assert rotate()["national IDs"] == 3
