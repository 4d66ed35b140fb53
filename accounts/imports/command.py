"""What both import commands share."""

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.imports.report import Report
from kit.errors import Refusal
from kit.table_commands import CommandOnTables


class ImportCommand(CommandOnTables):
    """Prints the report; exits 1 when a line was refused and nothing was saved."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="CSV (UTF-8), XLSX or ODS")
        parser.add_argument(
            "--skip-bad-rows", action="store_true", help="save the good lines although others are refused"
        )
        parser.add_argument("--dry-run", action="store_true", help="report only")

    def run(self, **options: Any) -> Report:
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = self.run(**options)
        except Refusal as refusal:
            raise CommandError(refusal.message) from None
        for refused in report.refused:
            self.stderr.write(f"line {refused}")
        if left := report.refused_beyond:
            self.stderr.write(f"refused rows beyond these: {left}")
        self.stdout.write(", ".join(f"{name} {count}" for name, count in report.counts.items()))
        for line, whose, column, old, new in report.overwrites.rows():
            self.stdout.write(f"line {line}: {whose}: {column}: {old or '–'} → {new or '–'}")
        if not report.saved:
            self.stdout.write("nothing was saved")
            if report.refused_total:
                sys.exit(1)
