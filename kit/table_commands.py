"""Management commands that need the tables of this version."""

from django.core.management.base import BaseCommand, CommandError

from kit.migration_state import NotMigrated, require_migrated


class CommandOnTables(BaseCommand):
    """A command that needs the tables of this version: it ends with a sentence where they are missing, before it writes anything."""

    requires_migrations_checks = True

    def check_migrations(self) -> None:
        """Raise CommandError where Django prints a note and goes on."""
        try:
            require_migrated()
        except NotMigrated as error:
            raise CommandError(str(error)) from None
