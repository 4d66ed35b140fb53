"""How long what is kept, as a table; on the operator's page with what would go today."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.utils.functional import Promise

from accounts.queries.operators import operators_unit
from audit import log
from kit import clock
from kit.retention import RETENTION, apply, days_of, due

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Period:
    """One rule; `due` rows have outlived their time, `missing` of them (sheets) were never put on paper. None: not counted."""

    name: str
    label: str | Promise
    since: str | Promise
    end: str | Promise
    days: int
    due: int | None = None
    missing: int = 0


def periods(names: Iterable[str] | None = None, *, counted: bool = False) -> list[Period]:
    """Return every rule, or those named, with what is due today if `counted`."""
    return [_period(name, counted) for name in names or RETENTION]


def _period(name: str, counted: bool) -> Period:
    rule, number, missing = RETENTION[name], None, 0
    rows = due(name, clock.today()) if counted else None
    if rows is not None:
        number = rows.count()
        missing = rule.missing(rows) if rule.missing and number else 0
    return Period(name, rule.label, rule.since, rule.end, days_of(name), number, missing)


def apply_all(names: Iterable[str] | None = None) -> Iterator[tuple[str, int]]:
    """Remove what has outlived its time, rule by rule; yield how many rows went. Each rule that removed something is recorded.

    A rule that fails keeps no other from being applied. Raise an `ExceptionGroup` of all failures at the end.
    """
    failed: list[Exception] = []
    for name in names or RETENTION:
        try:
            gone = apply(name)
            if gone:
                _record(name, gone)
        except Exception as error:
            logger.exception("The rule of retention %s could not be applied", name)
            failed.append(error)
        else:
            yield name, gone
    if failed:
        raise ExceptionGroup("rules of retention could not be applied", failed)


@transaction.atomic
def _record(name: str, gone: int) -> None:
    unit = operators_unit()
    if unit is not None:
        log.record("retention.applied", unit, by=None, after={"rule": name, "rows": gone})
