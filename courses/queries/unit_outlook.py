"""待辦事項: what lies on a unit's desk. One query for the unclosed courses, however many; what would turn the light follows from them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, cast

from django.db.models import BooleanField, Count, ExpressionWrapper, Q

from courses.enums import SEATED, Colour, EnrolmentState
from courses.models import Course, YearlyPolicy
from courses.models.deadlines import DAY
from courses.models.policy import policy_of
from courses.models.querysets import CourseQuerySet, first_lit_day, lighting_q
from courses.queries import in_charge
from courses.queries.lights import unit_colour
from kit import clock

# What the home page shows of a course.
SHOWN = (
    "code", "unit_id", "handler_id", "co_handler_id", "state", "title", "place", "capacity", "starts_on", "ends_on", "ends_at", "year",
    "postponed_at", "notified_at",
)  # fmt: skip
# More unclosed courses than this are counted, not listed: the list of the unit's courses has them all.
MOST = 200
MOST_DOTS = 12


class Counts(Protocol):
    """What `unclosed` adds to a course: whether it lights the unit, people with a seat, applications to decide about."""

    lit: bool
    people: int
    applied: int


def counts_of(course: Course) -> Counts:
    """Return what `unclosed` has added to a course."""
    return cast(Counts, course)


def unclosed(unit_id: int, year: int, day: date, policies: Mapping[int, YearlyPolicy]) -> CourseQuerySet:
    """A unit's unclosed courses, those that light it first, then by their end; each with `lit`, `people` and `applied`."""
    lit = ExpressionWrapper(lighting_q(year, day, policies), output_field=BooleanField())
    rows = Course.objects.of_unit(unit_id).unclosed().select_related("handler__user", "co_handler__user")
    return (
        rows.only(*SHOWN, *in_charge.COLUMNS)
        .annotate(
            lit=lit,
            people=Count("enrolments", filter=Q(enrolments__state__in=SEATED)),
            applied=Count("enrolments", filter=Q(enrolments__state=EnrolmentState.APPLIED)),
        )
        .order_by("-lit", "ends_on", "id")
    )


@dataclass(frozen=True)
class Outlook:
    """A unit's light and what would turn it. `ahead` are the first days on which what does not light it yet will, earliest first."""

    overdue: int
    policy: YearlyPolicy
    ahead: Sequence[date] = field(default_factory=list)

    @property
    def colour(self) -> str:
        return unit_colour(self.overdue, self.policy)

    @property
    def is_open(self) -> bool:
        """Whether the unit may register courses."""
        return self.colour != Colour.RED

    @property
    def to_open(self) -> int:
        """How many to close until registration is back; 0 while it is on."""
        return max(self.overdue - self.policy.unit_red_at + 1, 0)

    @property
    def to_green(self) -> int:
        """How many to close until the light is green."""
        return max(self.overdue - self.policy.unit_yellow_at + 1, 0)

    @property
    def to_red(self) -> int:
        """How many more overdue turn the light red; 0 when it is red."""
        return max(self.policy.unit_red_at - self.overdue, 0)

    @property
    def next_due(self) -> date | None:
        """The last day on time of the course that falls due next."""
        return self.ahead[0] - DAY if self.ahead else None

    @property
    def red_on(self) -> date | None:
        """Return the day on which the light turns red if nothing is closed; None while it is red or no course can turn it.

        A light is that of a year: courses due after 31 December do not count for it.
        """
        in_time = [day for day in self.ahead if clock.roc_year(day) <= self.policy.year]
        if not self.to_red or len(in_time) < self.to_red:
            return None
        return in_time[self.to_red - 1]

    @property
    def dots(self) -> list[bool]:
        """One dot for each course until red, filled for each overdue one; none where they would be too many to count."""
        most = self.policy.unit_red_at
        return [place < self.overdue for place in range(most)] if most <= MOST_DOTS else []


def outlook(courses: Iterable[Course], year: int, day: date, policies: Mapping[int, YearlyPolicy]) -> Outlook:
    """From the rows of `unclosed`: those that light count, the others fall due."""
    rows = list(courses)
    dark = [course for course in rows if not counts_of(course).lit]
    first = (first_lit_day(year, policies, course.year, course.ends_on) for course in dark)
    return Outlook(
        overdue=len(rows) - len(dark),
        policy=policy_of(policies, year),
        ahead=sorted(lit for lit in first if lit is not None and lit > day),
    )
