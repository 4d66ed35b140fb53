from typing import Any

from django.core.management.base import CommandParser

from accounts.imports.command import ImportCommand
from accounts.imports.people import import_people
from accounts.imports.report import Report


class Command(ImportCommand):
    help = "Import people (姓名, 身分證字號, 電子郵件, 學校代碼, 職稱, 角色; 學校級別 where two units share a code)."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--invite", action="store_true", help="invite the new people to log in")

    def run(self, **options: Any) -> Report:
        return import_people(
            options["file"],
            skip_bad_rows=options["skip_bad_rows"],
            dry_run=options["dry_run"],
            invite=options["invite"],
        )
