"""The claims of education log-ins were stored as they came: identity numbers in them are hashed and masked."""

from typing import Any

from django.conf import settings
from django.db import migrations

from signin.claims import as_kept


def hide(apps: Any, editor: Any) -> None:
    for row in (
        apps.get_model("socialaccount", "SocialAccount").objects.only("provider", "extra_data").iterator()
    ):
        issuer = settings.OIDC_ISSUERS_BY_ID.get(row.provider, {})
        kept = as_kept(row.extra_data, issuer.get("national_id_claim"))
        if kept != row.extra_data:
            row.extra_data = kept
            row.save(update_fields=["extra_data"])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_addresses_are_their_persons"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]
    operations = [migrations.RunPython(hide, migrations.RunPython.noop)]
