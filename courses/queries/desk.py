"""待辦事項: what lies on a unit's desk. One query for the unclosed courses, however many; what would turn the light follows from them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import BooleanField, Count, ExpressionWrapper, Q

from courses.enums import SEATED, Colour, EnrolmentState
from courses.models import Course, YearlyPolicy
from courses.models.querysets import CourseQuerySet, lighting_q
from courses.queries.lights import unit_colour

# More unclosed courses than this are counted, not listed: the list of the unit's courses has them all.
MOST = 200
MOST_DOTS = 12


def unclosed(unit_id: int, year: int, day: date, policies: Mapping[int, YearlyPolicy]) -> CourseQuerySet:
    """A unit's unclosed courses, those that light it first, then by their end; each with `lit`, `people` and `applied`."""
    lit = ExpressionWrapper(lighting_q(year, day, policies), output_field=BooleanField())
    rows = Course.objects.of_unit(unit_id).unclosed().select_related("handler__user")
    return rows.annotate(
        lit=lit,
        people=Count("enrolments", filter=Q(enrolments__state__in=SEATED)),
        applied=Count("enrolments", filter=Q(enrolments__state=EnrolmentState.APPLIED)),
    ).order_by("-lit", "ends_on", "id")


@dataclass(frozen=True)
class Outlook:
    """A unit's light and what would turn it. `ahead` are the last days on time of what does not light it yet, earliest first."""

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
        return self.ahead[0] if self.ahead else None

    @property
    def red_on(self) -> date | None:
        """The day on which the light turns red if nothing is closed; none while it is red or no course can turn it."""
        if not self.to_red or len(self.ahead) < self.to_red:
            return None
        return self.ahead[self.to_red - 1] + timedelta(days=1)

    @property
    def dots(self) -> list[bool]:
        """One dot for each course until red, filled for each overdue one; none where they would be too many to count."""
        most = self.policy.unit_red_at
        return [place < self.overdue for place in range(most)] if most <= MOST_DOTS else []


def outlook(courses: Iterable[Course], year: int, day: date, policies: Mapping[int, YearlyPolicy]) -> Outlook:
    """From the rows of `unclosed`: those that light count, the others fall due."""
    rows = list(courses)
    due = (_due_on(course, year, policies) for course in rows if not course.lit)  # type: ignore[attr-defined]
    return Outlook(
        overdue=sum(course.lit for course in rows),  # type: ignore[attr-defined]
        policy=policies.get(year, YearlyPolicy(year=year, version=0)),
        ahead=sorted(last for last in due if last is not None and last >= day),
    )


def _due_on(course: Course, year: int, policies: Mapping[int, YearlyPolicy]) -> date | None:
    """The last day on which a course does not light its unit; none for a course that will not this year (當年度, letter)."""
    if course.year is None or course.ends_on is None:
        return None
    policy = policies.get(course.year, YearlyPolicy(year=course.year))
    if course.year == year:
        return policy.due_on(course.ends_on)
    counts = course.year < year and policies.get(year, YearlyPolicy(year=year)).count_earlier_years
    return policy.last_day if counts else None
