"""`manage.py grant_app_role`: the role of the application, after each migration."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection

from checks import app_role


class Command(BaseCommand):
    help = (
        "Makes the role that DATABASE_URL names, or brings its rights up to date: rows yes, tables and triggers no, record and ledger "
        "without changes. Connects as the owner (MIGRATE_DATABASE_URL). Run it after each migrate."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--set-password",
            action="store_true",
            help="give a role that exists already the password of DATABASE_URL",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("Only PostgreSQL has roles. Set DATABASE_URL and MIGRATE_DATABASE_URL.")
        login = app_role.login_of(settings.DATABASE_URL)
        owner = app_role.login_of(settings.MIGRATE_DATABASE_URL)
        if not owner.name or not login.name or login.name == owner.name:
            raise CommandError(
                "DATABASE_URL names the role of the application, MIGRATE_DATABASE_URL the owner of the tables: "
                "set both, with different roles."
            )
        try:
            made = app_role.grant(login, set_password=options["set_password"])
        except app_role.NotALesserRole:
            raise CommandError(
                f"The role {login.name} owns tables, is a member of another role or may make roles. Name a new one in DATABASE_URL."
            ) from None
        except DatabaseError as error:
            raise CommandError(f"The owner could not grant the rights: {error}") from error
        self.stdout.write(f"{login.name}: {'made, ' if made else ''}rights up to date.")
