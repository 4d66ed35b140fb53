"""What the letter's third point asks, kept by the database: accounts are personal and stay ended; a holder's name and e-mail
change only while an approved request is being applied."""

from django.db import migrations

from kit.triggers import forbid

HOLDER = (
    "EXISTS (SELECT 1 FROM accounts_businessaccount a WHERE a.user_id = OLD.id AND a.ended_at IS NULL)"
    " AND NOT EXISTS (SELECT 1 FROM accounts_identitychange c WHERE c.user_id = OLD.id AND c.applying"
    " AND c.new_name = NEW.name AND c.new_email = NEW.email)"
)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_accounts_live_and_log_ins")]
    operations = [
        forbid(
            "accounts_businessaccount",
            "accounts_account_is_personal",
            "a business account is personal",
            columns=("user_id", "unit_id", "number", "role"),
        ),
        forbid(
            "accounts_businessaccount",
            "accounts_account_stays_ended",
            "an ended business account is never opened again",
            columns=("valid_from", "valid_until", "suspended_at", "ended_at"),
            only_if="OLD.ended_at IS NOT NULL",
        ),
        forbid(
            "accounts_user",
            "accounts_holder_keeps_name",
            "name and e-mail of a holder change only by an approved request",
            columns=("name", "email"),
            only_if=HOLDER,
        ),
    ]
