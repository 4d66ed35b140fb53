"""`manage.py restore_drill`: is what is backed up restored whole, and how long does it take?"""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backup import drill, runs
from backup.enums import RunKind
from backup.errors import FAILURES
from backup.termination import clearing_up
from kit import clock


class Command(BaseCommand):
    help = (
        "Writes a backup (or takes --from FILE), restores it into a fresh database, checks it, prints the seconds of each step, "
        "removes the fresh database and records the drill. Exit code 1 when anything is not as it was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="source", type=Path, help="a backup, whose private key is at hand")
        parser.add_argument("--identity", default="", help="the file of the private key of age")
        parser.add_argument(
            "--unverified",
            action="store_true",
            help="with --from: also a backup without a MAC of this AUDIT_KEY",
        )
        parser.add_argument(
            "--record",
            default="",
            metavar="FILE",
            help="only record a drill that was made on another machine",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        began_at = clock.now()
        if options["record"]:
            runs.record(RunKind.DRILL, began_at=began_at, name=options["record"], facts={"elsewhere": True})
            return
        try:
            with clearing_up():
                found = drill.carry_out(
                    source=options["source"], identity=options["identity"], unverified=options["unverified"]
                )
        except FAILURES as error:
            runs.record_failure(RunKind.DRILL, began_at=began_at, error=str(error))
            raise CommandError(str(error)) from error
        for step, seconds, said in found.steps:
            self.stdout.write(f"{seconds:8.1f} s  {step:<20}  {said}")
        facts = {"seconds": {step: round(seconds, 1) for step, seconds, _said in found.steps}}
        runs.record(
            RunKind.DRILL,
            began_at=began_at,
            name=found.name,
            size=found.size,
            facts=facts,
            error=found.failed,
        )
        if found.failed:
            self.stderr.write(found.failed)
            sys.exit(1)
        self.stdout.write("The backup was restored whole; the drill is recorded.")
