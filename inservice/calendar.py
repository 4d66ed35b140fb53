"""Which days Taiwan works: public holidays, weekends, make-up working days. The only place that knows where they come from.

The `holidays` package (docs/adr/) follows the yearly work calendar of the Directorate-General of Personnel Administration. It computes
later years by rule, before their calendar is announced: those are left unanswered here rather than answered wrongly.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from django.utils.translation import get_language
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    import holidays

# The years whose announced calendar the package has been checked with; a test holds them against the package's own word.
FIRST_YEAR, LAST_YEAR = 2001, 2026
SATURDAY = 5


@dataclass(frozen=True)
class DayKind:
    """What a day is called when it is not an ordinary working day ("" when it is), and whether people work on it."""

    name: str
    is_workday: bool

    @property
    def is_ordinary(self) -> bool:
        return self.is_workday and not self.name


def day_kind(day: date) -> DayKind | None:
    """The kind of a day, named in the reader's language; None for a year whose calendar is not known."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return None
    year = _year(day.year, "zh_TW" if (get_language() or "zh").startswith("zh") else "en_US")
    if day in year.weekend_workdays:
        return DayKind(_("a make-up working day"), True)
    if names := year.get_list(day):
        return DayKind(_(", ").join(names), False)
    if day.weekday() >= SATURDAY:
        return DayKind(_("a Saturday") if day.weekday() == SATURDAY else _("a Sunday"), False)
    return DayKind("", True)


@lru_cache(maxsize=32)
def _year(year: int, language: str) -> "holidays.HolidayBase":
    """One year's public holidays; nothing is added to it when another year is asked."""
    import holidays  # here, as a start should not wait for it

    return holidays.country_holidays("TW", years=year, language=language, expand=False)
