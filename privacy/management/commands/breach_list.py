"""`manage.py breach_list`: the people concerned by a leak, as a file."""

from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.queries.operators import operators_unit
from audit import log
from kit import clock, private_files, tables
from kit.table_commands import CommandOnTables
from privacy import breach


class Command(CommandOnTables):
    help = (
        "Writes the people whom a leak concerns, with their contacts, to a CSV file that only this account may read: everybody in a "
        "table (--table), or whom events of the record concern (--since, --until, --person, --address, --act)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, required=True)
        parser.add_argument("--table", default="", help="the name of a table, such as accounts_affiliation")
        parser.add_argument("--since", help="a moment in Taipei: 2026-11-24T09:00")
        parser.add_argument("--until", help="the first moment after it")
        parser.add_argument("--person", type=int, help="acts of the person of this number")
        parser.add_argument("--address", default="", help="acts from this network address")
        parser.add_argument("--act", default="", help="acts whose name begins so: read., list.export")
        parser.add_argument("--reason", required=True, help="for the record")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            people = breach.people_of_table(options["table"]) if options["table"] else self._of_acts(options)
        except LookupError as error:
            raise CommandError(str(error)) from error
        try:
            file = private_files.new_file(options["out"])
        except FileExistsError:
            raise CommandError(f"{options['out']} is there already.") from None
        except OSError as error:
            raise CommandError(str(error)) from error
        with file as out:
            number = tables.write(
                out, "csv", breach.HEADINGS, chain(breach.lines(people), breach.strangers(options["table"]))
            )
        self._record(number, options)
        self.stdout.write(f"{number} people: {options['out']}")

    def _of_acts(self, options: dict[str, Any]) -> set[int]:
        if not options["since"] or not options["until"]:
            raise CommandError("Name a --table, or a span by --since and --until.")
        try:
            since, until = (datetime.fromisoformat(options[name]) for name in ("since", "until"))
        except ValueError:
            raise CommandError("Write moments as 2026-11-24T09:00.") from None
        since, until = (
            moment if moment.tzinfo else moment.replace(tzinfo=clock.TAIPEI) for moment in (since, until)
        )
        if since >= until:
            raise CommandError("--until is the first moment after the span, and comes after --since.")
        return breach.people_of_acts(
            breach.Acts(since, until, options["person"], options["address"], options["act"])
        )

    def _record(self, number: int, options: dict[str, Any]) -> None:
        unit = operators_unit()
        facts = {
            name: str(options[name])
            for name in ("table", "since", "until", "person", "address", "act")
            if options[name]
        }
        if unit is not None:
            log.record(
                "breach.listed", unit, by=None, reason=options["reason"], after={"people": number, **facts}
            )
