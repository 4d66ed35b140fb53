"""`manage.py setup`: from an installed program to the operator's first log-in. Run again, it changes nothing and checks anew."""

import sys
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actions import first_operator
from accounts.actions.counties import counties_named
from accounts.enums import Role
from accounts.models import BusinessAccount, User
from audit import log
from checks import installation, service, trial_mail
from checks.findings import Check, State, lines, results, worst
from kit.errors import Refusal
from kit.texts import is_mailbox, tidy
from signin.actions import first_login_links

LIFETIME = timedelta(hours=24)
# Without these nothing can be written.
FIRST = tuple(
    check
    for check in installation.CHECKS
    if check.find in (installation.database, installation.migrations, installation.keys)
)


class Command(BaseCommand):
    help = (
        "Sets an installation up: the counties, the operator's unit, the first operator with a link for the first log-in (single "
        "use, 24 hours); then checks keys, mail, database, Redis, static files and clock. Running it again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        env = settings.SETUP_OPERATOR
        parser.add_argument(
            "--email", default=env["email"], help="the operator's mailbox (SETUP_OPERATOR_EMAIL)"
        )
        parser.add_argument("--name", default=env["name"], help="the operator's name (SETUP_OPERATOR_NAME)")
        parser.add_argument("--unit-name", default=settings.SITE_NAME, help="the name of the operator's unit")
        parser.add_argument(
            "--no-input", action="store_true", help="ask nothing; what is missing is an error"
        )
        parser.add_argument("--no-mail", action="store_true", help="send no test mail")
        parser.add_argument("--new-link", action="store_true", help="another link, if the first has run out")
        parser.add_argument("--language", default=settings.LANGUAGE_CODE, choices=["zh-hant", "en"])

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            if any(self._print([check]) == State.BAD for check in FIRST):
                raise CommandError(_("Please mend this first, then run setup again. Nothing was changed."))
            operator = self._operator(options)
            # Without a mail server the list says so; a file that is written proves nothing.
            is_tried = not options["no_mail"] and "EMAIL_URL" not in settings.MAIL_UNSET
            failed = is_tried and not self._mail(operator)
            rest = [check for check in (*installation.CHECKS, *service.CHECKS) if check not in FIRST]
            if self._print(rest) == State.BAD or failed:
                sys.exit(1)

    def _print(self, checks: Iterable[Check]) -> State:
        found = results(checks)
        for line in lines(found):
            self.stdout.write(line)
        return worst(found)

    def _operator(self, options: dict[str, Any]) -> User:
        """Return the first operator, made now if there is none."""
        counties_named()
        held = (
            BusinessAccount.objects.active().filter(role=Role.OPERATOR).select_related("user").order_by("pk")
        )
        account = held.first()
        if account is None:
            return self._begin(options)
        self.stdout.write(
            _("✓ Operator: %(name)s, %(number)s") % {"name": account.user.name, "number": account.number}
        )
        email = tidy(options["email"] or "")
        if email and not held.filter(user__email__iexact=email).exists():
            said = _("! %s was not made an operator: there is one. Log in as that one and appoint another.")
            self.stdout.write(said % email)
        if options["new_link"]:
            self._link(account)
        return account.user

    def _begin(self, options: dict[str, Any]) -> User:
        email = self._asked(options, "email", _("E-mail of the first operator: "))
        name = self._asked(options, "name", _("Name of the first operator: "))
        if not is_mailbox(email):
            raise CommandError(_("%s is no e-mail address.") % email)
        unit_name = tidy(options["unit_name"]) or settings.SITE_NAME
        try:
            with transaction.atomic():
                account = first_operator.begin(email=email, name=name, unit_name=unit_name)
                self.stdout.write(
                    _("✓ Operator: %(name)s, %(number)s") % {"name": name, "number": account.number}
                )
                self._link(account)
        except Refusal as refusal:
            raise CommandError(refusal.message) from None
        return account.user

    def _asked(self, options: dict[str, Any], name: str, question: str) -> str:
        text = tidy(options[name] or "")
        while not text and not options["no_input"] and sys.stdin.isatty():
            text = tidy(input(question))
        if not text:
            raise CommandError(_("There is no operator yet. Please give --email and --name."))
        return text

    def _link(self, account: BusinessAccount) -> None:
        """Print a link for the first log-in. Raise CommandError once the operator has a password: nobody gets in by the back door."""
        person = account.user
        if person.has_usable_password():
            raise CommandError(
                _("%s has a password already; a forgotten one is renewed on the log-in page.") % person.name
            )
        link = first_login_links.make(people=[person], lifetime=LIFETIME, by_mail=False)[person.pk]
        log.record("password.link_made", account, by=None, unit_id=account.unit_id, subjects=[person.pk])
        self.stdout.write(_("First log-in, once within 24 hours: %s") % link)

    def _mail(self, operator: User) -> bool:
        failure = trial_mail.send(operator.email)
        sent = _("The mail server took a test mail to %s. Please look for it.") % operator.email
        self.stdout.write(f"✗ {failure}" if failure else f"✓ {sent}")
        return not failure
