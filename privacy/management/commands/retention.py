"""`manage.py retention`: remove what has outlived its time, or show what would go."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kit.retention import RETENTION
from privacy import periods


class Command(BaseCommand):
    help = "Deletes or anonymises rows that have outlived their time (RETENTION_DAYS). With --dry-run it only counts them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="change nothing")
        parser.add_argument("--only", nargs="+", default=[], metavar="RULE", help="these rules alone")

    def handle(self, *args: Any, **options: Any) -> None:
        if unknown := sorted(set(options["only"]) - set(RETENTION)):
            raise CommandError(f"No rule {unknown[0]}. The rules are {', '.join(sorted(RETENTION))}.")
        if options["dry_run"]:
            self._count(options["only"])
            return
        for name in options["only"] or RETENTION:
            self._warn(name)
        for name, gone in periods.apply_all(options["only"]):
            self.stdout.write(f"{gone:>8}  {name}")

    def _count(self, only: list[str]) -> None:
        for row in periods.periods(only, counted=True):
            days = f"{row.days} days" if row.days else "for ever"
            self.stdout.write(
                f"{row.due or 0:>8}  {row.name}: {row.label}, kept {days} {row.since}; {row.end}"
            )
            if row.missing:
                self.stdout.write(f"          of {row.missing} courses the sheets were never printed")
            if row.missing_soon:
                days_ahead = periods.AHEAD.days
                self.stdout.write(
                    f"          within {days_ahead} days: those of {row.missing_soon} more courses"
                )

    def _warn(self, name: str) -> None:
        if missing := periods.never_printed(name):
            self.stderr.write(f"{name}: the sheets of {missing} courses that go now were never printed")
