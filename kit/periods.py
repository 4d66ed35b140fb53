"""The two years of a school: 年度 (January to December) and 學年度 (August to July), both by ROC number."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from kit import clock
from kit.numbers import roc_year

SCHOOL = "school"
# 1 August, when the school year begins.
FIRST_MONTH = 8


@dataclass(frozen=True)
class Period:
    """A calendar or school year. School year 114 is from 1 August 114 to 31 July 115."""

    year: int
    is_school: bool = False

    @classmethod
    def of(cls, year: str | None, kind: str | None) -> Self:
        """Return the year that a form or address names; the running one where it names none, or one that has no records."""
        is_school = kind == SCHOOL
        running = running_school_year() if is_school else clock.this_year()
        number = roc_year(year, running)
        return cls(number if 1 <= number <= clock.this_year() + 1 else running, is_school)

    @property
    def first(self) -> date:
        first, _last = clock.year_bounds(self.year)
        return first.replace(month=FIRST_MONTH) if self.is_school else first

    @property
    def last(self) -> date:
        _first, last = clock.year_bounds(self.year)
        return date(last.year + 1, FIRST_MONTH - 1, 31) if self.is_school else last

    @property
    def kind(self) -> str:
        """Return what forms and addresses call this kind of year."""
        return SCHOOL if self.is_school else ""


def running_school_year() -> int:
    """Return the ROC number of the school year of today."""
    today = clock.today()
    return clock.roc_year(today) - (today.month < FIRST_MONTH)
