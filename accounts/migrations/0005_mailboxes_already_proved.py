"""People who had a password before mailboxes had to be proved got it through a link in that mailbox: it counts as proved."""

from typing import Any

from django.db import migrations


def prove(apps: Any, editor: Any) -> None:
    address = apps.get_model("account", "EmailAddress")
    known = set(address.objects.values_list("user_id", flat=True))
    people = apps.get_model("accounts", "User").objects.exclude(password="").exclude(password__startswith="!")
    rows = people.values_list("pk", "email").iterator(chunk_size=2000)
    address.objects.bulk_create(
        (
            address(user_id=pk, email=email, verified=True, primary=True)
            for pk, email in rows
            if pk not in known
        ),
        batch_size=1000,
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_holders_change_by_request_only"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]
    operations = [migrations.RunPython(prove, migrations.RunPython.noop)]
