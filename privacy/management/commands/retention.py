"""`manage.py retention`: remove what has outlived its time, or show what would go."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from kit.retention import RETENTION
from kit.table_commands import CommandOnTables
from privacy import retention_table


class Command(CommandOnTables):
    help = "Deletes or anonymises rows that have outlived their time (RETENTION_DAYS). With --dry-run it only counts them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="change nothing")
        parser.add_argument("--only", nargs="+", default=[], metavar="RULE", help="these rules alone")

    def handle(self, *args: Any, **options: Any) -> None:
        if unknown := sorted(set(options["only"]) - set(RETENTION)):
            raise CommandError(f"No rule {unknown[0]}. The rules are {', '.join(sorted(RETENTION))}.")
        if options["dry_run"]:
            if not self._count(options["only"]):
                raise CommandError("Not every rule could be counted; the log says why.")
            return
        try:
            for name, gone in retention_table.apply_all(options["only"], self._warn):
                self.stdout.write(f"{gone:>8}  {name}")
        except ExceptionGroup as group:
            lines = [f"{' '.join(error.__notes__)}: {error}" for error in group.exceptions]
            raise CommandError("Not applied, the others were: " + "; ".join(lines)) from group

    def _count(self, only: list[str]) -> bool:
        """Print what would go; return whether every rule could be counted."""
        found = retention_table.counted(only)
        for row in found:
            days = f"kept {row.days} days {row.since}" if row.days else "kept for ever"
            due = "?" if row.failed else row.due or 0
            self.stdout.write(f"{due:>8}  {row.name}: {row.label}, {days}; {row.end}")
            if row.missing:
                self.stdout.write(f"          of {row.missing} courses the sheets were never printed")
            if row.missing_soon:
                self.stdout.write(
                    f"          within {retention_table.AHEAD.days} days: those of {row.missing_soon} more courses"
                )
        return not any(row.failed for row in found)

    def _warn(self, name: str, missing: int) -> None:
        self.stderr.write(f"{name}: the sheets of {missing} courses that go now were never printed")
