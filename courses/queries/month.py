"""The catalogue as a month: for each day the first few courses and how many more there are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Min, Window
from django.db.models.functions import RowNumber, TruncDate

from courses.models import Course, Session
from courses.models.querysets import CourseQuerySet
from courses.queries.cached_counts import cached
from kit import clock

A_DAY = 3
WEEK = 7


@dataclass(frozen=True)
class Entry:
    course: Course
    starts_at: datetime


@dataclass
class Day:
    day: date
    in_month: bool
    is_today: bool
    entries: list[Entry] = field(default_factory=list)
    total: int = 0

    @property
    def more(self) -> int:
        return self.total - len(self.entries)


@dataclass(frozen=True)
class Month:
    first: date
    weeks: list[list[Day]]

    @property
    def previous(self) -> date:
        return (self.first - timedelta(days=1)).replace(day=1)

    @property
    def next(self) -> date:
        return (self.first + timedelta(days=32)).replace(day=1)

    @property
    def is_empty(self) -> bool:
        return not any(day.total for week in self.weeks for day in week)


def month_of(rows: CourseQuerySet, first: date, query: Mapping[str, str]) -> Month:
    """Return the weeks from Monday that touch a month, with the courses that meet on each day, in two queries.

    `query` is the query that selected `rows`; the counts of a month of very many courses are cached for five minutes.
    """
    start = first - timedelta(days=first.weekday())
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    length = ((last - start).days // WEEK + 1) * WEEK
    days = {
        (day := start + timedelta(days=i)): Day(day, day.month == first.month, day == clock.today())
        for i in range(length)
    }
    end = start + timedelta(days=length - 1)
    found = cached("month", {**query, "month": f"{first:%Y-%m}"}, lambda: _meetings(rows, start, end), _size)
    courses = Course.objects.in_bulk({row["course_id"] for row in found})
    for row in found:
        cell = days[row["day"]]
        cell.total = row["total"]
        cell.entries.append(Entry(courses[row["course_id"]], row["first"]))
    cells = list(days.values())
    return Month(first, [cells[i : i + WEEK] for i in range(0, length, WEEK)])


def _size(found: list[dict[str, Any]]) -> int:
    return sum({row["day"]: row["total"] for row in found}.values())


def _meetings(rows: CourseQuerySet, start: date, end: date) -> list[dict[str, Any]]:
    """Return the first courses of each day. A course that meets twice on a day is listed once, at its first hour."""
    meetings: Any = (
        Session.objects.filter(
            course__in=rows.order_by().values("pk"),
            starts_at__gte=clock.at_taipei(start),
            starts_at__lt=clock.end_of_day(end),
        )
        .order_by()
        .annotate(day=TruncDate("starts_at", tzinfo=clock.TAIPEI))
        .values("day", "course_id")
        .annotate(first=Min("starts_at"))
        .annotate(
            rank=Window(
                RowNumber(), partition_by=F("day"), order_by=[F("first").asc(), F("course_id").asc()]
            ),
            total=Window(Count("*"), partition_by=F("day")),
        )
        .filter(rank__lte=A_DAY)
        .order_by("day", "rank")
    )
    return list(meetings)
