"""Earlier imports changed an e-mail and left the former one with the log-in library, where it could still reset the password."""

from typing import Any

from django.db import migrations
from django.db.models import F
from django.db.models.functions import Lower


def forget(apps: Any, editor: Any) -> None:
    rows = apps.get_model("account", "EmailAddress").objects
    astray = rows.annotate(mine=Lower("user__email"), folded=Lower("email")).exclude(folded=F("mine"))
    rows.filter(pk__in=list(astray.values_list("pk", flat=True))).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_key_canaries"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]
    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
