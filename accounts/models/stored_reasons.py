"""Reasons that the system itself writes into a row: stored as a plain sentence, shown in the reader's language."""

import re

from django.utils.functional import Promise, lazystr
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

IDLE = gettext_noop("no log-in for %s days")
LAST_DAY = gettext_noop("the last day is over")
_IDLE = re.compile(re.escape(IDLE).replace("%s", r"(\d+)"))


def idle(days: int) -> str:
    """The stored reason of an account that was not used."""
    return IDLE % days


def translated(reason: str) -> str:
    """A stored reason in the language of the reader; what a person typed stays as it is."""
    if found := _IDLE.fullmatch(reason):
        return _(IDLE) % found[1]
    return _(LAST_DAY) if reason == LAST_DAY else reason


class _Said:
    """Translated each time it is rendered."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __str__(self) -> str:
        return translated(self.reason)


def shown(reason: str) -> Promise:
    """Return the reason as a lazy text, in the language of its reader."""
    return lazystr(_Said(reason))
