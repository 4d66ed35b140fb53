"""What the queries for training records add to an enrolment, with its type."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Protocol, cast

from courses.models import Enrolment
from hours.models.credit import ZERO
from kit import clock


class HasNet(Protocol):
    net: Decimal


class HasHome(Protocol):
    home_code: str
    home_name: str


class HasPlaces(Protocol):
    last_day: date | None
    endless: bool


def net_of(row: Enrolment) -> Decimal:
    """Return the hours that count now: of a row of `teacher.record_of_year`, `teacher.earned` and the queries of `records`."""
    return cast(HasNet, row).net


def participant_hours(rows: Iterable[Enrolment]) -> Decimal:
    """Return the hours of rows that have `net_of` as a participant."""
    return sum((net_of(row) for row in rows if not row.is_helper), ZERO)


def helper_hours(rows: Iterable[Enrolment]) -> Decimal:
    """Return the hours of rows that have `net_of` as a lecturer or member of staff."""
    return sum((net_of(row) for row in rows if row.is_helper), ZERO)


def home_of(row: Enrolment) -> tuple[str, str]:
    """Return code and name of the person's unit in the county: of a row of `records.county_records`."""
    home = cast(HasHome, row)
    return home.home_code, home.home_name


def left_on(row: Enrolment) -> date | None:
    """Return the last day of a person who has left the unit, None for those who serve: of a row of `records.records`."""
    places = cast(HasPlaces, row)
    last = places.last_day
    return last if last and not places.endless and last < clock.today() else None
