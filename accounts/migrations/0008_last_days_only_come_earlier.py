from django.db import migrations

from kit.triggers import forbid


class Migration(migrations.Migration):
    """An appointment is never prolonged: a person who serves on is appointed anew."""

    dependencies = [("accounts", "0007_passports_of_their_own")]

    operations = [
        forbid(
            "accounts_businessaccount",
            "accounts_account_never_prolonged",
            "The last day of a business account only comes earlier.",
            only_if="OLD.valid_until IS NOT NULL AND (NEW.valid_until IS NULL OR NEW.valid_until > OLD.valid_until)",
        )
    ]
