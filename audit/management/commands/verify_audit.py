"""`manage.py verify_audit`: is the record as it was sealed?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit import seal
from audit.models import AuditSeal


class Command(BaseCommand):
    help = "Compares every sealed event with its seal; names what was changed, added or removed. Exit code 1 on a breach."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--seal", action="store_true", help="seal what has settled first")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["seal"]:
            seal.seal_all()
        breaches = list(seal.verify())
        for breach in breaches:
            self.stderr.write(str(breach))
        for chain in AuditSeal.objects.order_by().values_list("chain", flat=True).distinct():
            last = AuditSeal.objects.filter(chain=chain).order_by("-number").first()
            if last:
                self.stdout.write(f"{chain}: {last.number} blocks, last digest {last.digest}")
        if breaches:
            raise CommandError(f"{len(breaches)} breaches of the record.")
        self.stdout.write("The record is whole.")
