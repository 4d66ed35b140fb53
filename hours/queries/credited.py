"""What the queries for training records add to an enrolment, with its type."""

from decimal import Decimal
from typing import Protocol, cast

from courses.models import Enrolment


class HasNet(Protocol):
    net: Decimal


class HasHome(Protocol):
    home_code: str
    home_name: str


def net_of(row: Enrolment) -> Decimal:
    """Return the hours that count now: of a row of `teacher.record_of_year`, `teacher.earned` and the queries of `records`."""
    return cast(HasNet, row).net


def home_of(row: Enrolment) -> tuple[str, str]:
    """Return code and name of the person's unit in the county: of a row of `records.county_records`."""
    home = cast(HasHome, row)
    return home.home_code, home.home_name
