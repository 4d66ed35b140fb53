"""`manage.py migrate` that does not stop the site: on PostgreSQL it waits for a lock for less than a second, and tries again.

A statement that changes a table waits for every transaction that reads it, and whatever comes after it waits behind it. With
`lock_timeout` it gives up instead, requests go on, and the migration is tried again; each migration is a transaction of its own, so
nothing is done twice. Columns that the release before needs stay (`kit.beside`). The time is shorter than PostgreSQL's `deadlock_timeout` (a second): where a request and a migration wait for each
other, the migration gives up before PostgreSQL ends the request.
"""

import time
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connections

from kit.beside import BesideEditor, beside

# PostgreSQL's codes of a lock that was not available in time, of a migration and a request that waited for each other, and of tables that
# were in use when a migration wanted all of them at once.
LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED, NOT_IN_TIME = "55P03", "40P01", "57014"


class Command(migrate.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--lock-timeout",
            type=float,
            default=0.7,
            metavar="SECONDS",
            help="how long to wait for a lock; 0: for ever",
        )
        parser.add_argument(
            "--tries", type=int, default=30, help="how often a lock is tried, with a pause between"
        )

    def migration_progress_callback(self, action: str, migration: Any = None, fake: bool = False) -> None:
        super().migration_progress_callback(action, migration, fake)
        if action == "apply_start":
            BesideEditor.migration = migration

    def handle(self, *args: Any, **options: Any) -> None:
        seconds, tries = options.pop("lock_timeout"), options.pop("tries")
        connection = connections[options["database"]]
        with beside(connection):
            self._handle(connection, seconds, tries, args, options)

    def _handle(self, connection: Any, seconds: float, tries: int, args: Any, options: Any) -> None:
        if connection.vendor != "postgresql" or not seconds:
            super().handle(*args, **options)
            return
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{round(seconds * 1000)}ms'")
        try:
            self._try(args, options, tries)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")

    def _try(self, args: Any, options: dict[str, Any], tries: int) -> None:
        for number in range(1, tries + 1):
            try:
                super().handle(*args, **options)
                return
            except OperationalError as error:
                if getattr(error.__cause__, "pgcode", None) not in (
                    LOCK_NOT_AVAILABLE,
                    DEADLOCK_DETECTED,
                    NOT_IN_TIME,
                ):
                    raise
                self.stderr.write(f"a table is in use (try {number} of {tries}): {error}".strip())
            # Longer each time: a report that reads for minutes ends, too.
            time.sleep(min(number, 10))
        raise CommandError(
            "The tables are in use all the time. Try again at a quieter hour; what is done is kept."
        )
