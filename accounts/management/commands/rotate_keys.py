"""`manage.py rotate_keys`: after a new key was put in front of FIELD_KEYS, seal everything under it."""

from typing import Any

from accounts.actions.key_rotation import rotate
from kit.table_commands import CommandOnTables


class Command(CommandOnTables):
    help = "Seals national IDs and second factors again under the first of FIELD_KEYS; then the older keys may go."

    def handle(self, *args: Any, **options: Any) -> None:
        for what, count in rotate().items():
            self.stdout.write(f"{what}: {count} sealed again")
