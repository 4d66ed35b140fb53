"""`manage.py create_operator --email … --name …`: the first operator of a bare installation."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.urls import reverse

from accounts.actions import first_operator
from kit.errors import Refusal
from kit.table_commands import CommandOnTables
from kit.texts import is_mailbox, tidy


class Command(CommandOnTables):
    help = "Appoints the first operator, who sets a password by e-mail. The operator appoints everybody else on the pages."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True, help="the person's own mailbox")
        parser.add_argument("--name", required=True, help="the person's name")

    def handle(self, *args: Any, **options: Any) -> None:
        email, name = tidy(options["email"]), tidy(options["name"])
        if not is_mailbox(email):
            raise CommandError(f"{email} is no e-mail address.")
        if not name:
            raise CommandError("The name is empty.")
        try:
            account = first_operator.begin(email=email, name=name, unit_name=settings.SITE_NAME)
        except Refusal as refusal:
            raise CommandError(refusal.message) from None
        page = settings.SITE_URL + reverse("account_reset_password")
        self.stdout.write(f"{account.number}: {account.user.name} is operator. The password is set at {page}")
