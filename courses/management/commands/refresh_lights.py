import json
from typing import Any

from django.core.management.base import CommandParser

from courses.actions import lights
from kit.table_commands import CommandOnTables


class Command(CommandOnTables):
    help = "Recount the lights of all units and print one JSON line: units, green, yellow, red, changed, seconds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--year", type=int, help="ROC year; the running one by default")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(lights.refresh(year=options["year"], cause="command").as_dict()))
