from typing import Any

from django.core.management.base import CommandParser

from accounts.imports.command import ImportCommand
from accounts.imports.report import Report
from accounts.imports.units import import_units


class Command(ImportCommand):
    help = "Import units from a list with the ministry's columns (學校代碼, 學校名稱, 縣市名稱, 學校級別 …)."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--county", default="", help="only this county, for example 屏東縣")
        parser.add_argument("--rename", action="store_true", help="units may get other names")

    def run(self, **options: Any) -> Report:
        return import_units(
            options["file"],
            county=options["county"],
            skip_bad_rows=options["skip_bad_rows"],
            dry_run=options["dry_run"],
            rename=options["rename"],
        )
