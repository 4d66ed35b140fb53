"""The catalogue's facets: the condition of each choice and its number of courses.

Filter and count share one condition per choice, so that a number is what a click shows. The counts cost three queries however
many courses there are: the course's own columns in one row of conditional counts, county, nature and tag in one union of
groups, the stages in one more.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import reduce
from operator import and_
from typing import Any, Protocol
from urllib.parse import urlencode

from django.db.models import CharField, Count, F, Q, Value
from django.db.models.functions import Cast

from courses.cached_tables import CATALOGUE
from courses.enums import STAGE_COVERS, Length, Mode, TimeOfDay, When, stages_covering
from courses.models import Course, CourseNature
from courses.models.querysets import CourseQuerySet, open_q
from courses.queries.cached_counts import cached
from kit import clock, table_versions

EVENING = time(18)  # A weekday course that ends later than this in Taipei is one of the evening.
YES = "1"
PATH = " › "


class Found(Protocol):
    """What the counts need of a filter: the courses found with some of its conditions left out, and the choices."""

    def rows_without(self, *names: str) -> CourseQuerySet: ...
    def chosen(self, name: str) -> str: ...
    @property
    def with_quota_for_reader(self) -> Collection[int]: ...
    def cache_key(self) -> dict[str, str]: ...
    @property
    def is_common(self) -> bool: ...


@dataclass(frozen=True)
class Counts:
    """How many courses are found, and how many each choice of each facet would find."""

    total: int
    by_facet: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def largest(self) -> int:
        """The most courses that any of the numbers counts."""
        return max([self.total, *(n for choices in self.by_facet.values() for n in choices.values())])


def bounds(when: str, day: date) -> tuple[date, date]:
    """First and last Taipei day of this week (from Monday), this month or the next month."""
    if when == When.WEEK:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    first = day.replace(day=1)
    if when == When.NEXT_MONTH:
        first = (first + timedelta(days=32)).replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def held_between(first: date, last: date) -> Q:
    return Q(starts_on__lte=last, ends_on__gte=first)


def conditions(day: date, kept: Collection[int] = ()) -> dict[str, dict[str, Q]]:
    """Return facet → choice → condition, for the facets that are columns of the course.

    `kept`: the courses in which places are kept for the reader. They have places left, for the reader, also when the open ones are taken.
    """
    weekend = Q(starts_on__iso_week_day__gte=6)
    # Midnight is the end of the evening before.
    evening = Q(ends_at__time__gt=EVENING) | Q(ends_at__time=time(0))
    has_open = Q(seats_taken__lt=F("capacity") - F("seats_kept"))
    return {
        "open": {YES: open_q()},
        "places": {YES: open_q() & (has_open | Q(pk__in=kept) if kept else has_open)},
        "free": {YES: Q(fee=0)},
        "mode": {mode: Q(mode=mode) for mode in Mode.values},
        "when": {when: held_between(*bounds(when, day)) for when in When.values},
        "time": {
            TimeOfDay.DAYTIME: ~weekend & ~evening,
            TimeOfDay.EVENING: ~weekend & evening,
            TimeOfDay.WEEKEND: weekend,
        },
        "length": {
            Length.SHORT: Q(hours__lte=3),
            Length.MIDDLE: Q(hours__gt=3, hours__lte=6),
            Length.LONG: Q(hours__gt=6),
        },
    }


def with_tag(pk: int) -> Q:
    return Q(pk__in=Course.tags.through.objects.filter(tag_id=pk).values("course_id"))


def for_stage(code: str) -> Q:
    """A course for all stages (75) is for each of them, one for 國中小 for both."""
    codes = sorted(stages_covering(code))
    return Q(pk__in=Course.stages.through.objects.filter(stage__code__in=codes).values("course_id"))


def of_nature(nature: CourseNature) -> Q:
    """The node of the tree and all below it."""
    return Q(nature=nature) | Q(nature__path__startswith=f"{nature.path or nature.name}{PATH}")


def count(found: Found, *, anew: bool = False) -> Counts:
    """All counts, each over the courses that the other choices leave; large ones at most five minutes old, others as of now."""
    query = found.cache_key()

    def read() -> Counts:
        return cached("facets", query, lambda: _count(found), lambda counts: counts.largest, anew=anew)

    if anew or not found.is_common:
        return read()
    return table_versions.cached(CATALOGUE, f"facets:{urlencode(query)}", read)


def _count(found: Found) -> Counts:
    total, by_facet = _scalars(found)
    by_facet["stage"] = _stages(found)
    names: dict[str, dict[str, str]] = {"county": {}, "nature": {}, "tag": {}}
    for facet, value, name, number in _groups(found):
        by_facet.setdefault(facet, {})[value] = number
        names[facet][value] = name
    return Counts(total, by_facet, names)


def _scalars(found: Found) -> tuple[int, dict[str, dict[str, int]]]:
    """The course's own columns: one row of conditional counts."""
    choices_of = conditions(clock.today(), found.with_quota_for_reader)
    chosen = {facet: choices_of[facet][value] for facet in choices_of if (value := found.chosen(facet))}
    wanted = {"total": Count("pk", filter=_all(chosen.values()))}
    for facet, choices in choices_of.items():
        others = [condition for name, condition in chosen.items() if name != facet]
        for value, condition in choices.items():
            wanted[f"{facet}_{value}"] = Count("pk", filter=_all([condition, *others]))
    row = found.rows_without(*choices_of).order_by().aggregate(**wanted)
    by_facet = {
        facet: {value: row[f"{facet}_{value}"] for value in choices_of[facet]} for facet in choices_of
    }
    return row["total"], by_facet


def _all(conditions: Iterable[Q]) -> Q:
    return reduce(and_, conditions, Q(pk__isnull=False))


def _stages(found: Found) -> dict[str, int]:
    """A course that names two codes of one stage counts once."""
    wanted = {
        f"stage_{code}": Count("pk", filter=Q(stages__code__in=sorted(stages_covering(code))), distinct=True)
        for code in STAGE_COVERS
    }
    row = found.rows_without("stage").order_by().aggregate(**wanted)
    return {code: row[f"stage_{code}"] for code in STAGE_COVERS}


def _groups(found: Found) -> Iterable[tuple[str, str, str, int]]:
    """Facet, value, name and number of county, nature and tag: one query of three groups."""
    county, nature, tag = (
        found.rows_without(facet)
        .order_by()
        .filter(**{f"{key}__isnull": False})
        .values_list(Value(facet), Cast(key, CharField()), name)
        .annotate(n=Count("pk"))
        for facet, key, name in (
            ("county", "unit__county_id", "unit__county__name"),
            ("nature", "nature__code", "nature__path"),
            ("tag", "tags__code", "tags__name"),
        )
    )
    rows: Any = county.union(nature, tag, all=True)
    return list(rows)
