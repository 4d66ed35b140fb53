"""The person, unit and number of a business account never change: the database says so too."""

from django.db import migrations

from kit.triggers import forbid


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [
        forbid(
            "accounts_businessaccount",
            "accounts_account_is_personal",
            "a business account is personal",
            columns=("user_id", "unit_id", "number"),
        )
    ]
