"""`manage.py restore FILE`: a backup into an empty database, compared with its manifest."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backup import restoring
from backup.errors import FAILURES
from backup.termination import clearing_up


class Command(BaseCommand):
    help = (
        "Restores a backup into an empty database, migrates an older one, and compares rows, hours, seals, files and keys; tries "
        "one log-in. Prints every difference; exit code 1 when there is one."
    )
    # They read the database, which is empty.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--identity", default="", help="the file of the private key of age")
        parser.add_argument(
            "--unverified",
            action="store_true",
            help="also a backup whose MAC is missing or of another AUDIT_KEY",
        )
        parser.add_argument("--jobs", type=int, default=0, help="load PostgreSQL with so many jobs at once")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with clearing_up():
                found = restoring.restore(
                    options["file"],
                    identity=options["identity"],
                    jobs=options["jobs"],
                    unverified=options["unverified"],
                    say=self.stdout.write,
                )
        except FAILURES as error:
            raise CommandError(str(error)) from error
        facts = found.manifest["facts"]
        self.stdout.write(
            f"{len(facts['tables'])} tables, {sum(facts['tables'].values())} rows, {facts['hours']} hours, "
            f"{len(found.manifest['digests'])} files"
        )
        self.stdout.write("  ".join(f"{name} {took} s" for name, took in found.seconds.items()))
        if found.later:
            self.stdout.write(
                f"{found.later} blocks of the record were sealed after this backup and are lost."
            )
        for line in found.differences:
            self.stderr.write(line)
        if found.differences:
            self.stderr.write(f"{len(found.differences)} differences")
            sys.exit(1)
        self.stdout.write("0 differences")
