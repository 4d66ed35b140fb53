"""How long what is kept, as a table; on the operator's page with what would go today."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db import transaction
from django.utils.functional import Promise

from accounts.queries.operators import operators_unit
from audit import log
from kit import clock
from kit.one_by_one import one_by_one
from kit.retention import RETENTION, apply, days_shown, due, in_order

logger = logging.getLogger(__name__)
# What goes so soon is named while there is time to print it.
AHEAD = timedelta(days=180)


@dataclass(frozen=True)
class Period:
    """One rule. `days` is None while the settings have a mistake, `due` when it was not or could not be counted (`failed`).

    `missing`: courses whose sheets go with the `due` rows and were never put on paper; `missing_soon`: the same of what goes within
    `AHEAD`.
    """

    name: str
    label: str | Promise
    since: str | Promise
    end: str | Promise
    days: int | None
    due: int | None = None
    missing: int = 0
    missing_soon: int = 0
    failed: bool = False


def periods(names: Iterable[str] | None = None) -> list[Period]:
    """Return every rule, or those named, with the time that it keeps."""
    return [
        Period(name, RETENTION[name].label, RETENTION[name].since, RETENTION[name].end, days_shown(name))
        for name in names or RETENTION
    ]


def counted(names: Iterable[str] | None = None) -> list[Period]:
    """Return the rules with what is due today. One that cannot be counted says so and keeps no other from being counted."""
    return [_counted(period) for period in periods(names)]


def _counted(period: Period) -> Period:
    try:
        with transaction.atomic():
            rows = due(period.name, clock.today())
            if rows is None:
                return period
            missing = never_printed(period.name)
            soon = never_printed(period.name, clock.today() + AHEAD) - missing
            return replace(period, due=rows.count(), missing=missing, missing_soon=soon)
    except Exception:
        logger.exception("What is due by the rule of retention %s could not be counted", period.name)
        return replace(period, failed=True)


def never_printed(name: str, on: date | None = None) -> int:
    """Return how many courses lose sheets by a rule on a day that were never printed or taken as a file."""
    rule, rows = RETENTION[name], due(name, on or clock.today())
    return rule.missing(rows) if rule.missing and rows is not None else 0


def apply_all(
    names: Iterable[str] | None = None, warn: Callable[[str, int], None] = lambda _name, _missing: None
) -> Iterator[tuple[str, int]]:
    """Remove what has outlived its time, rule by rule; yield how many rows went. Each rule that removed something is recorded, with how
    many courses lost sheets that were never printed; of those the log warns, and `warn` is called before they go.

    A rule that fails, also in counting, keeps no other from being applied. Raise an `ExceptionGroup` of all failures at the end.
    """
    with one_by_one(logger, "rules of retention could not be applied") as turn:
        for name in in_order(names):
            gone = None
            with turn(name):
                gone = _applied(name, warn)
            if gone is not None:
                yield name, gone


def _applied(name: str, warn: Callable[[str, int], None]) -> int:
    if missing := never_printed(name):
        warn(name, missing)
        logger.warning("Retention %s: the sheets of %s courses go that were never printed", name, missing)
    if gone := apply(name):
        _record(name, gone, missing)
    return gone


@transaction.atomic
def _record(name: str, gone: int, missing: int) -> None:
    unit = operators_unit()
    if unit is not None:
        after = {"rule": name, "rows": gone} | ({"never_printed": missing} if missing else {})
        log.record("retention.applied", unit, by=None, after=after)
