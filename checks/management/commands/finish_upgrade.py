"""`manage.py finish_upgrade`: the last step of an upgrade, when no process of the release before runs any more (docs/upgrading.md)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection, transaction

from audit import late_events
from kit import beside

LOCK_TIMEOUT = "700ms"


class Command(BaseCommand):
    help = (
        "Takes over what processes of the release before wrote since migrate, and takes away the columns and defaults that stayed for them. "
        "Run it when the last of them has ended; it may be run again, and on PostgreSQL only."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "postgresql":
            self.stdout.write("Nothing to finish: old and new code run beside each other on PostgreSQL only.")
            return
        left, defaults = beside.left_columns(connection), beside.leftover_defaults(connection)
        if not left and not defaults:
            self.stdout.write("Nothing to finish.")
            return
        try:
            self._finish(left, defaults)
        except OperationalError as error:
            raise CommandError(
                f"A table is in use: {str(error).strip()}. Nothing of it was changed; run the command again."
            ) from error
        self.stdout.write("The upgrade is finished.")

    def _finish(self, left: list[str], defaults: list[tuple[str, str]]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
        try:
            # The record last but for the defaults: without them the command would not look again.
            for name in left:
                self._take_away(name)
            if proved := late_events.prove():
                self.stdout.write(
                    f"events of the release before, proved now: {len(proved)} ({proved[0]} to {proved[-1]})"
                )
            for table, column in defaults:
                beside.drop_default(connection, table, column)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")
        self.stdout.write(f"defaults taken away: {len(defaults)}")

    @transaction.atomic
    def _take_away(self, name: str) -> None:
        moved = beside.LEFT[name].move()
        beside.drop_left_column(connection, name)
        self.stdout.write(f"{name}: taken away" + (f", {moved} rows taken over" if moved else ""))
