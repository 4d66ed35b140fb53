"""A person has one connected log-in of an issuer: what `signin.education` refuses, the database refuses too."""

from django.db import migrations

NAME = "accounts_one_education_login_per_issuer"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_mailboxes_already_proved"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]

    operations = [
        migrations.RunSQL(
            f"CREATE UNIQUE INDEX {NAME} ON socialaccount_socialaccount (user_id, provider)",
            f"DROP INDEX {NAME}",
        )
    ]
