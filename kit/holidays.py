"""Which days Taiwan works: public holidays, weekends, make-up working days. The only place that knows where they come from.

Two sources (docs/adr/0012): the `holidays` package, for the years whose announced calendar it was checked with, and after these the
calendars in `kit/calendars/`, one file a year, as the Directorate-General of Personnel Administration announced them. The package
also computes later years by rule, before their calendar is announced: no rule is followed for those.
"""

import csv
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeVar

import holidays
from django.utils.translation import gettext as _

from kit.sentence_parts import is_chinese

# The years whose announced calendar the package has been checked with; a test holds them against the package's own word.
FIRST_YEAR, LAST_YEAR = 2001, 2026
CALENDARS = Path(__file__).parent / "calendars"
SATURDAY, JULY = 5, 7
DAY = timedelta(days=1)
T = TypeVar("T")


@dataclass(frozen=True)
class DayKind:
    """What a day is called when it is not an ordinary working day ("" when it is), and whether people work on it."""

    name: str
    is_workday: bool

    @property
    def is_ordinary(self) -> bool:
        return self.is_workday and not self.name


# What was added to the calendar for a day and a county (None: the country): an app that keeps such days registers how to look it up.
Added = Callable[[date, int | None], DayKind | None]
# The counties for which days between two days were added.
Apart = Callable[[date, date], Collection[int]]
_added: list[Added] = []
_apart: list[Apart] = []


def read_added_days(look_up: Added, apart: Apart) -> None:
    """Let what `look_up` returns precede the calendar; `apart` names the counties that have days of their own."""
    _added[:], _apart[:] = [look_up], [apart]


def added_kind(day: date, county: int | None = None) -> DayKind | None:
    """Return the kind of a day that was added for a county, or for the country."""
    return _added[0](day, county) if _added else None


def day_kind(day: date, county: int | None = None) -> DayKind | None:
    """Return the kind of a day in a county, named in the reader's language; None for a year whose calendar is not known."""
    return added_kind(day, county) or calendar_kind(day)


def calendar_kind(day: date) -> DayKind | None:
    """Return the kind of a day in the national calendar; None for a year whose calendar is not known."""
    if FIRST_YEAR <= day.year <= LAST_YEAR:
        return _by_package(day)
    return _by_announcement(day) if day.year in announced_years() else None


def is_workday(day: date, county: int | None = None) -> bool:
    """Return whether a county (None: the country) works on a day; in a year whose calendar is not known, whether it is no weekend."""
    added = added_kind(day, county)
    return added.is_workday if added else _is_calendar_workday(day)


@lru_cache(maxsize=2048)
def _is_calendar_workday(day: date) -> bool:
    kind = calendar_kind(day)
    return kind.is_workday if kind else day.weekday() < SATURDAY


def workday_from(day: date, county: int | None = None) -> date:
    """Return the day itself if people work on it, in a county or the country, else the next working day."""
    while not is_workday(day, county):
        day += DAY
    return day


def workday_until(day: date, county: int | None = None) -> date:
    """Return the day itself if people work on it, in a county or the country, else the working day before."""
    while not is_workday(day, county):
        day -= DAY
    return day


def is_shared_workday(day: date, county: int | None = None) -> bool:
    """Return whether the country works on a day and a county, too: the clock prepares its notices on such days only."""
    return is_workday(day) and (county is None or is_workday(day, county))


def is_first_workday(day: date, since: date, county: int | None = None) -> bool:
    """Return whether a day is the first one from `since` on that is a working day of the country and of a county."""
    while not is_shared_workday(since, county):
        since += DAY
    return since == day


def shared_workday_until(day: date, county: int | None = None) -> date:
    """Return the day itself if the country and a county work on it, else the last one before on which they do."""
    while not is_shared_workday(day, county):
        day -= DAY
    return day


def workdays_before(day: date, number: int, county: int | None = None) -> date:
    """Return the day that lies so many working days of the country and a county before a day; the day itself does not count."""
    for _step in range(number):
        day = shared_workday_until(day - DAY, county)
    return day


def by_county(of: Callable[[int | None], T], since: date, until: date) -> tuple[T, dict[int, T]]:
    """Return what `of` is for the country, and what it is for each county in which it is something else.

    `of` depends on the working days from `since` to `until` only: no county differs that added none of these.
    """
    country = of(None)
    apart = _apart[0](since, until) if _apart else ()
    return country, {county: found for county in sorted(apart) if (found := of(county)) != country}


def missing_year(today: date) -> int | None:
    """Return the Gregorian year whose calendar is wanted and not known: this one, and from July on the next, which is announced by then."""
    for year in (today.year, *([today.year + 1] if today.month >= JULY else [])):
        if not FIRST_YEAR <= year <= LAST_YEAR and year not in announced_years():
            return year
    return None


@cache
def announced_years() -> frozenset[int]:
    """Return the years that have a file of their own."""
    return frozenset(int(path.stem) for path in CALENDARS.glob("[0-9]*.csv"))


def _by_package(day: date) -> DayKind:
    year = _year(day.year, _language())
    if day in year.weekend_workdays:
        return DayKind(_("a make-up working day"), True)
    if names := year.get_list(day):
        return DayKind(_(", ").join(names), False)
    return _ordinary(day)


def _by_announcement(day: date) -> DayKind:
    """Return the days of the file; the name is the package's where its rules know the day, for an English reader."""
    is_workday, name = _announced(day.year).get(day, (day.weekday() < SATURDAY, ""))
    if is_workday:
        return DayKind(_("a make-up working day") if day.weekday() >= SATURDAY else "", True)
    names = _year(day.year, _language()).get_list(day) if name else []
    return DayKind(_(", ").join(names) or name, False) if name else _ordinary(day)


def _ordinary(day: date) -> DayKind:
    if day.weekday() >= SATURDAY:
        return DayKind(_("a Saturday") if day.weekday() == SATURDAY else _("a Sunday"), False)
    return DayKind("", True)


def _language() -> str:
    return "zh_TW" if is_chinese() else "en_US"


@lru_cache(maxsize=8)
def _announced(year: int) -> dict[date, tuple[bool, str]]:
    """Return the days of a year that have a name or differ from their weekday: whether worked, and the name."""
    with (CALENDARS / f"{year}.csv").open(encoding="utf-8") as lines:
        return {
            date.fromisoformat(row["day"]): (row["kind"] == "work", row["name"])
            for row in csv.DictReader(lines)
        }


@lru_cache(maxsize=32)
def _year(year: int, language: str) -> holidays.HolidayBase:
    """Return one year's public holidays; querying another year adds nothing to it."""
    return holidays.country_holidays("TW", years=year, language=language, expand=False)
