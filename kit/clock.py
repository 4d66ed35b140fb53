"""Taipei days and ROC years: the only module that reads the current day.

Every rule of the domain is about Asia/Taipei days: a deadline on 31 March ends at 16:00 UTC on 31 March.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

TAIPEI = ZoneInfo("Asia/Taipei")
ROC_OFFSET = 1911
# A year has at most three digits. Days outside these cannot be turned into moments, in Python or in the database.
LAST_YEAR = 999
FIRST_DAY, LAST_DAY = date(1, 1, 2), date(LAST_YEAR + ROC_OFFSET, 12, 31)


def now() -> datetime:
    """This moment, aware."""
    return timezone.now()


def day_of(moment: datetime) -> date:
    """The Taipei day that `moment` falls on."""
    return moment.astimezone(TAIPEI).date()


def today(at: datetime | None = None) -> date:
    """The Taipei day of `at`, or of now."""
    return day_of(at or now())


def at_taipei(day: date, clock: time = time(0)) -> datetime:
    """The aware moment of a wall-clock time in Taipei on `day`; at the ends of the calendar that of the first or last day there is."""
    return datetime.combine(min(max(day, FIRST_DAY), LAST_DAY), clock, tzinfo=TAIPEI)


def end_word(moment: datetime) -> str:
    """Return the wall clock in Taipei of an end: midnight ends the day before and is its 24:00."""
    local = moment.astimezone(TAIPEI)
    return "24:00" if local.time() == time(0) else f"{local:%H:%M}"


def end_of_day(day: date) -> datetime:
    """The first moment after `day` in Taipei: `moment < end_of_day(day)` means "on or before that day"."""
    return at_taipei(min(day, LAST_DAY) + timedelta(days=1))


def roc_year(day: date) -> int:
    """年度: the ROC year of a day, January to December."""
    return day.year - ROC_OFFSET


def monday(day: date) -> date:
    """The first day of the week of `day`."""
    return day - timedelta(days=day.weekday())


def this_year(at: datetime | None = None) -> int:
    """The running ROC year in Taipei."""
    return roc_year(today(at))


def year_bounds(year: int) -> tuple[date, date]:
    """First and last day of a ROC year."""
    return date(year + ROC_OFFSET, 1, 1), date(year + ROC_OFFSET, 12, 31)


def to_roc(day: date) -> str:
    """Return a day as official letters and pages write it: 112年3月31日."""
    return f"{roc_year(day)}年{day.month}月{day.day}日"
