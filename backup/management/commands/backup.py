"""`manage.py backup`: one encrypted file with the database, the files of people and the list of both."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backup import runs, writing
from backup.enums import RunKind
from backup.errors import FAILURES
from backup.termination import clearing_up
from kit import clock


class Command(BaseCommand):
    help = (
        "Writes one file with the database, the files of people and a list of both, encrypted to BACKUP_RECIPIENT; then deletes the "
        "backups that are no longer kept. Exit code 1, and nothing written, when anything fails."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", default=settings.BACKUP_DIR, help="the folder (BACKUP_DIR)")
        parser.add_argument(
            "--recipient", default=settings.BACKUP_RECIPIENT, help="the public key (BACKUP_RECIPIENT)"
        )
        parser.add_argument("--plain", action="store_true", help="unencrypted: for a trial only")

    def handle(self, *args: Any, **options: Any) -> None:
        began_at = clock.now()
        try:
            with clearing_up():
                made = writing.backup_to(
                    options["to"], recipient=options["recipient"], plain=options["plain"]
                )
        except FAILURES as error:
            runs.record_failure(RunKind.BACKUP, began_at=began_at, error=str(error))
            raise CommandError(str(error)) from error
        facts = {"seconds": made.seconds, "missing": made.missing}
        runs.record(
            RunKind.BACKUP,
            began_at=began_at,
            name=made.path.name,
            size=made.size,
            digest=made.digest,
            facts=facts,
        )
        self.stdout.write(f"{made.path}  {made.size} bytes  sha256 {made.digest}")
        self.stdout.write("  ".join(f"{name} {took} s" for name, took in made.seconds.items()))
        for path in made.missing:
            self.stderr.write(f"missing in the storage, or changed: {path}")
        for name in made.rotated:
            self.stdout.write(f"deleted, no longer kept: {name}")
