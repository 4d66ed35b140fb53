"""How long what is kept, as a table; on the operator's page with what would go today."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils.functional import Promise

from accounts.queries.operators import operators_unit
from audit import log
from kit import clock
from kit.retention import RETENTION, apply, days_of, due

logger = logging.getLogger(__name__)
# What goes so soon is named while there is time to print it.
AHEAD = timedelta(days=180)


@dataclass(frozen=True)
class Period:
    """One rule; `due` rows have outlived their time (None: not counted). `missing`: courses whose sheets go with them and were never put
    on paper; `missing_soon`: the same of what goes within `AHEAD`.
    """

    name: str
    label: str | Promise
    since: str | Promise
    end: str | Promise
    days: int
    due: int | None = None
    missing: int = 0
    missing_soon: int = 0


def periods(names: Iterable[str] | None = None, *, counted: bool = False) -> list[Period]:
    """Return every rule, or those named, with what is due today if `counted`."""
    return [_period(name, counted) for name in names or RETENTION]


def _period(name: str, counted: bool) -> Period:
    rule, number, missing, soon = RETENTION[name], None, 0, 0
    rows = due(name, clock.today()) if counted else None
    if rows is not None:
        number, missing = rows.count(), never_printed(name)
        soon = never_printed(name, clock.today() + AHEAD) - missing
    return Period(name, rule.label, rule.since, rule.end, days_of(name), number, missing, soon)


def never_printed(name: str, on: date | None = None) -> int:
    """Return how many courses lose sheets by a rule on a day that were never printed or taken as a file."""
    rule, rows = RETENTION[name], due(name, on or clock.today())
    return rule.missing(rows) if rule.missing and rows is not None else 0


def apply_all(names: Iterable[str] | None = None) -> Iterator[tuple[str, int]]:
    """Remove what has outlived its time, rule by rule; yield how many rows went. Each rule that removed something is recorded, with how
    many courses lost sheets that were never printed; of those the log warns.

    A rule that fails keeps no other from being applied. Raise an `ExceptionGroup` of all failures at the end.
    """
    failed: list[Exception] = []
    for name in names or RETENTION:
        try:
            gone = _applied(name)
        except Exception as error:
            logger.exception("The rule of retention %s could not be applied", name)
            failed.append(error)
        else:
            yield name, gone
    if failed:
        raise ExceptionGroup("rules of retention could not be applied", failed)


def _applied(name: str) -> int:
    missing, gone = never_printed(name), apply(name)
    if missing:
        logger.warning("Retention %s: the sheets of %s courses went that were never printed", name, missing)
    if gone:
        _record(name, gone, missing)
    return gone


@transaction.atomic
def _record(name: str, gone: int, missing: int) -> None:
    unit = operators_unit()
    if unit is not None:
        after = {"rule": name, "rows": gone} | ({"never_printed": missing} if missing else {})
        log.record("retention.applied", unit, by=None, after=after)
