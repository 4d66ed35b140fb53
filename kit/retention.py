"""How long rows are kept: each app registers its rules in `<app>/retention.py`.

A rule finds what has outlived its time on a day and deletes or anonymises it in batches. The ledger of hours and closings are kept for
ever; the record has a retention of its own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise

from kit import clock
from kit.registry import Registry

AT_ONCE = 500
Rows = QuerySet[Any, Any]


@dataclass(frozen=True)
class Rule:
    """`due(day)`: the rows whose time ended before `day`; `carry_out(rows)` deletes or anonymises some of them, and returns how many.

    `label` is what is kept, `since` from when the days count, `end` what becomes of it. `days` is the time unless `RETENTION_DAYS` names
    another; 0 keeps for ever. `missing(rows)`: how many courses lose sheets with them that were never printed or taken as a file.

    `last`: applied after the others, as rows of theirs go with it; each rule then counts what it has foretold.
    """

    label: str | Promise
    since: str | Promise
    end: str | Promise
    days: int
    due: Callable[[date], Rows]
    carry_out: Callable[[Rows], int]
    missing: Callable[[Rows], int] | None = None
    last: bool = False


RETENTION: Registry[Rule] = Registry("rule of retention")
TEN_YEARS = 3653
MOST_DAYS = 100 * 366


def delete(rows: Rows) -> int:
    """Delete rows; return how many of their own table."""
    _all, by_model = rows.delete()
    return int(by_model.get(rows.model._meta.label, 0))


def in_order(names: Iterable[str] | None = None) -> list[str]:
    """Return the names of these rules, or of all, as they are applied."""
    return sorted(names or RETENTION, key=lambda name: RETENTION[name].last)


def days_of(name: str) -> int:
    """Return how many days the rows of a rule are kept; 0: for ever. Raise ImproperlyConfigured: a mistake would delete too much."""
    if mistakes := mistakes_of_settings():
        raise ImproperlyConfigured(mistakes[0])
    return int(settings.RETENTION_DAYS.get(name, RETENTION[name].days))


def mistakes_of_settings() -> list[str]:
    """Return what is wrong with RETENTION_DAYS: a name that is no rule, a time that is no whole number of days."""
    wanted = settings.RETENTION_DAYS
    if not isinstance(wanted, dict):
        return ['RETENTION_DAYS is no JSON object such as {"notices": 365}.']
    return [f"RETENTION_DAYS: there is no rule {name}." for name in sorted(set(wanted) - set(RETENTION))] + [
        f"RETENTION_DAYS: {name} is not a whole number of days from 0 (for ever) to {MOST_DAYS}."
        for name, days in wanted.items()
        if type(days) is not int or not 0 <= days <= MOST_DAYS
    ]


def days_shown(name: str) -> int | None:
    """Return what `days_of` returns, for a page; None while the settings have a mistake, as nothing is deleted then."""
    return None if mistakes_of_settings() else days_of(name)


def due(name: str, on: date) -> Rows | None:
    """Return the rows of a rule that have outlived their time on a day; None if they are kept for ever."""
    days = days_of(name)
    return RETENTION[name].due(on - timedelta(days=days)) if days else None


def apply(name: str, on: date | None = None) -> int:
    """Delete or anonymise what is due, a batch a transaction; return how many rows. Safe to run twice and to kill."""
    day, gone = on or clock.today(), 0
    while True:
        rows = due(name, day)
        if rows is None:
            return gone
        with transaction.atomic():
            batch = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
            # With the conditions of the rule: a row that was changed since it was found is not due any more.
            done = RETENTION[name].carry_out(rows.filter(pk__in=batch)) if batch else 0
        gone += done
        if len(batch) < AT_ONCE or not done:
            return gone
