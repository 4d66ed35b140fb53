"""The state of the system: what an installation needs, found or missing, in plain words with the way to mend it.

`manage.py setup` and `manage.py doctor` print the list, the page *State of the system* shows it. A check reads and changes nothing.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.db import DatabaseError
from django.utils.functional import Promise
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)


class State(StrEnum):
    WELL = "well"
    # Works, but not as it should in production.
    WARN = "warn"
    BAD = "bad"


MARKS = {State.WELL: "✓", State.WARN: "!", State.BAD: "✗"}


@dataclass(frozen=True)
class Finding:
    """`text` says what was found, `fix` how to mend it; empty where there is nothing to mend.

    `where` is a place on the machine: `manage.py doctor` and `setup` print it, the page does not show it.
    """

    state: State
    text: str
    fix: str = ""
    where: str = ""


@dataclass(frozen=True)
class Check:
    """One thing that is looked at; `title` is what it is called."""

    title: Promise
    find: Callable[[], Finding]


@dataclass(frozen=True)
class Result:
    title: str
    state: State
    text: str
    fix: str
    where: str


def well(text: str, where: str = "") -> Finding:
    return Finding(State.WELL, text, where=where)


def warn(text: str, fix: str, where: str = "") -> Finding:
    return Finding(State.WARN, text, fix, where)


def bad(text: str, fix: str, where: str = "") -> Finding:
    return Finding(State.BAD, text, fix, where)


def results(checks: Iterable[Check]) -> list[Result]:
    """Carry out the checks; one that fails itself is a finding too, and the others go on."""
    return [_result(check) for check in checks]


def _result(check: Check) -> Result:
    try:
        found = check.find()
    except Exception as error:  # whatever is broken is what the list is for
        # A database that is away or has no tables yet fails most checks: a line for each, in place of a page.
        is_known = isinstance(error, DatabaseError)
        logger.warning("a check of the system failed: %s", error, exc_info=not is_known)
        found = bad(
            _("This could not be checked: %s") % type(error).__name__,
            _("Look at the log of this process for the whole error."),
        )
    return Result(str(check.title), found.state, found.text, found.fix, found.where)


def worst(found: Iterable[Result]) -> State:
    states = {row.state for row in found}
    return next((state for state in (State.BAD, State.WARN) if state in states), State.WELL)


def lines(found: Iterable[Result]) -> Iterator[str]:
    """Yield the results as a terminal shows them: what was found and where, and below it how to mend it."""
    for row in found:
        yield f"{MARKS[row.state]} {row.title}: {row.text}{f' ({row.where})' if row.where else ''}"
        if row.fix:
            yield f"    → {row.fix}"
