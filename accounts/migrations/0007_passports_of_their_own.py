"""Passport numbers get a column of their own. Numbers without a right check digit were taken as passports so far: they move.

The hash of a number is the same in both columns, so no number has to be typed again. One row a person is read, in blocks.
"""

from typing import Any

from django.db import migrations, models

from accounts.identity import unseal
from kit.masking import is_checked
from kit.triggers import forbid

BLOCK = 1000
HOLDER = (
    "EXISTS (SELECT 1 FROM accounts_businessaccount a WHERE a.user_id = OLD.id AND a.ended_at IS NULL)"
    " AND NOT EXISTS (SELECT 1 FROM accounts_identitychange c WHERE c.user_id = OLD.id AND c.applying"
    " AND c.new_name = NEW.name AND c.new_email = NEW.email)"
)


def _move(apps: Any, here: str, there: str, *, checked: bool) -> None:
    person, last = apps.get_model("accounts", "User"), 0
    rows = person.objects.exclude(**{f"{here}_sealed": ""}).order_by("pk")
    while block := list(rows.filter(pk__gt=last).only("pk", f"{here}_sealed", f"{here}_hash")[:BLOCK]):
        last = block[-1].pk
        moved = [row for row in block if is_checked(unseal(getattr(row, f"{here}_sealed"))) == checked]
        for row in moved:
            for part in ("sealed", "hash"):
                setattr(row, f"{there}_{part}", getattr(row, f"{here}_{part}"))
            setattr(row, f"{here}_sealed", "")
            setattr(row, f"{here}_hash", None)
        columns = [f"{kind}_{part}" for kind in (here, there) for part in ("sealed", "hash")]
        person.objects.bulk_update(moved, columns, batch_size=200)


def forwards(apps: Any, editor: Any) -> None:
    _move(apps, "id", "passport", checked=False)


def backwards(apps: Any, editor: Any) -> None:
    _move(apps, "passport", "id", checked=False)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_one_education_login_per_issuer")]
    operations = [
        migrations.AddField(
            "user",
            "passport_sealed",
            models.TextField(blank=True, default="", editable=False),
            preserve_default=False,
        ),
        migrations.AddField(
            "user",
            "passport_hash",
            models.CharField(blank=True, editable=False, max_length=64, null=True, unique=True),
        ),
        migrations.RunPython(forwards, backwards),
        # SQLite has made the table anew and lost its trigger.
        forbid(
            "accounts_user",
            "accounts_holder_keeps_name",
            "name and e-mail of a holder change only by an approved request",
            columns=("name", "email"),
            only_if=HOLDER,
        ),
    ]
