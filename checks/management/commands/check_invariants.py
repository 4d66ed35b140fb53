import sys
from typing import Any

from checks.invariants import RULES
from kit.table_commands import CommandOnTables


class Command(CommandOnTables):
    help = (
        "Prove the rules on the whole database: prints the breaches of each rule, exits 1 when there is one."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        breaches = 0
        for rule, count in RULES.items():
            found = count()
            breaches += found
            self.stdout.write(f"{found:>8}  {rule}")
        if breaches:
            self.stderr.write(f"{breaches} breaches")
            sys.exit(1)
