from typing import Any

from django.utils import translation

from accounts.models import User
from demo import events
from demo.logins import LOGINS
from kit.table_commands import CommandOnTables


class Command(CommandOnTables):
    help = "Load the demonstration once (a second run changes nothing) and print its log-ins."

    def handle(self, *args: Any, **options: Any) -> None:
        if not User.objects.filter(email=LOGINS[0]["email"]).exists():
            with translation.override("zh-hant"):
                events.load()
        for row in LOGINS:
            self.stdout.write(f"  {row['email']:<24} {row['password']:<18} {row['name']} {row['role']}")
