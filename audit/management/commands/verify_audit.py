"""`manage.py verify_audit`: compare the record with its seals."""

from typing import Any

from django.core.management.base import CommandError

from audit import seal
from audit.models import AuditChain
from kit.table_commands import CommandOnTables


class Command(CommandOnTables):
    help = "Compares every event with its seal or proof; names what was changed, added or removed. Exit code 1 on a breach."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--seal", action="store_true", help="seal every event first")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["seal"]:
            seal.seal_all()
        breaches = seal.verify()
        for breach in breaches:
            self.stderr.write(str(breach))
        for chain in AuditChain.objects.all():
            self.stdout.write(
                f"{chain.kind}: {chain.blocks} blocks, {chain.events} events, of these {chain.dropped_events} removed"
                f" after their time, last digest {chain.last_digest or '-'}"
            )
        if breaches:
            raise CommandError(f"{len(breaches)} breaches of the record.")
        self.stdout.write("The record is whole.")
