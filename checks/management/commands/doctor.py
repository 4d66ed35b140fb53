"""`manage.py doctor`: what an installation lacks, in plain words, with an exit code for monitoring."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checks import system, trial_mail
from checks.findings import Check, Result, State, lines, results, worst

# As monitoring programs of the Nagios kind read them.
EXIT_CODES = {State.WELL: 0, State.WARN: 1, State.BAD: 2}


class Command(BaseCommand):
    help = (
        "Looks at keys, database, mail, queues, scheduled work, backups, disk, clock and seals, and says how to mend what is wrong. "
        "Exit code 0: all well, 1: something should be mended, 2: something must be mended."
    )
    # Django's own checks end with a traceback where an installation is half set up.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object, for programs")
        parser.add_argument("--language", default=settings.LANGUAGE_CODE, choices=["zh-hant", "en"])

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            found = [
                *system.state(),
                *results([Check(gettext_lazy("Reply of the mail server"), trial_mail.server)]),
            ]
            state = worst(found)
            if options["json"]:
                facts = {"state": state, "checks": [asdict(row) for row in found]}
                self.stdout.write(json.dumps(facts, ensure_ascii=False))
            else:
                self._print(found, state)
        sys.exit(EXIT_CODES[state])

    def _print(self, found: list[Result], state: State) -> None:
        for line in lines(found):
            self.stdout.write(line)
        number = sum(row.state != State.WELL for row in found)
        self.stdout.write(
            _("All is well.") if state == State.WELL else _("%s things are to be mended.") % number
        )
