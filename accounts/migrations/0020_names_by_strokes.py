from importlib import import_module
from typing import Any

from django.db import migrations, models

from kit.batches import batches
from kit.strokes import stroke_key
from kit.triggers import forbid

AT_ONCE = 1000
HOLDER = import_module("accounts.migrations.0004_holders_change_by_request_only").HOLDER


def fill(apps: Any, editor: Any) -> None:
    """Give every name its key, a thousand rows a statement and transaction: people log in meanwhile."""
    model = apps.get_model("accounts", "User")
    rows = model.objects.filter(name_key="").order_by("pk").only("pk", "name")
    ids = list(rows.values_list("pk", flat=True))
    for piece in batches(ids, AT_ONCE):
        people = list(rows.filter(pk__in=piece))
        for person in people:
            person.name_key = stroke_key(person.name)
        model.objects.bulk_update(people, ["name_key"])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0019_join_requests")]

    operations = [
        migrations.AddField(
            "user",
            "name_key",
            models.CharField(max_length=60, blank=True, default="", db_default="", editable=False),
        ),
        # SQLite has lost the table's trigger with the new column.
        forbid(
            "accounts_user",
            "accounts_holder_keeps_name",
            "name and e-mail of a holder change only by an approved request",
            columns=("name", "email"),
            only_if=HOLDER,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
