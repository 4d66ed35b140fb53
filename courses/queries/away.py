"""本週外出研習名單: who of a unit's staff is away at other units' courses in a week, and when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet

from accounts.models import Affiliation
from accounts.queries.persons import with_merged
from courses.enums import CourseState, EnrolmentState, Participation
from courses.models import CourseHelper, Enrolment, Session
from courses.models.deadlines import DAY
from kit import clock

WEEK = 7 * DAY


@dataclass(frozen=True)
class Away:
    """One session of a course of another unit to which one of the staff goes, as a participant or to lecture or help."""

    row: Enrolment | CourseHelper
    session: Session
    title: str
    rank: int

    @property
    def place(self) -> str:
        return self.session.place or self.row.course.place

    @property
    def part(self) -> str:
        """Return as what a lecturer or member of staff goes."""
        row = self.row
        is_helper = row.participation != Participation.PARTICIPANT
        return str(row.get_participation_display()) if is_helper else ""

    @property
    def sort_key(self) -> tuple[object, ...]:
        return (clock.day_of(self.session.starts_at), self.session.starts_at, self.rank, self.row.user.name)


def away_in(unit_ids: Collection[int], monday: date) -> dict[int, list[Away]]:
    """Return who is away in the week of each unit, by day and hour, then in the school's order. Constant queries for all units.

    Lecturers and staff are among them, also before the course is closed. Courses of the unit itself are left out, and who has cancelled or not been admitted.
    """
    start, end = clock.at_taipei(monday), clock.at_taipei(monday + WEEK)
    staff = Affiliation.objects.filter(unit__in=unit_ids).overlapping(monday, monday + WEEK - DAY)
    held = Session.objects.filter(starts_at__gte=start, starts_at__lt=end, suspension=None).order_by(
        "starts_at", "id"
    )
    rows = (
        Enrolment.objects.counting_once()
        .filter(
            # An enrolment of a merged record is its person's.
            user__in=with_merged(staff.order_by().values("user")),
            course__in=held.order_by().values("course"),
            state__in=(EnrolmentState.ADMITTED, EnrolmentState.ATTENDED),
            course__state__in=(CourseState.REGISTERED, CourseState.CLOSED),
        )
        .select_related("user", "course__unit")
        .prefetch_related(Prefetch("course__sessions", held, to_attr="of_week"))
    )
    served: dict[int, list[Affiliation]] = {}
    for place in staff.select_related("user").order_by("rank", "id"):
        served.setdefault(place.user.person_id, []).append(place)
    found: dict[int, list[Away]] = {}
    enrolled = {(row.course_id, row.person_id) for row in rows}
    named = _named(held, with_merged(staff.order_by().values("user")))
    helping = [row for row in named if (row.course_id, row.person_id) not in enrolled]
    for row in (*rows, *helping):
        for place in served.get(row.person_id, []):
            if row.course.unit_id != place.unit_id:
                found.setdefault(place.unit_id, []).extend(_sessions(row, place))
    return {unit: sorted(set(lines), key=lambda line: line.sort_key) for unit, lines in found.items()}


def _named(held: QuerySet[Session], people: QuerySet[Any, Any]) -> QuerySet[CourseHelper]:
    """Return who of the people is named for a registered course that holds one of the sessions."""
    rows = CourseHelper.objects.filter(
        user__in=people, course__in=held.order_by().values("course"), course__state=CourseState.REGISTERED
    )
    of_week = Prefetch("course__sessions", held, to_attr="of_week")
    return rows.select_related("user__merged_into", "course__unit").prefetch_related(of_week)


def _sessions(row: Enrolment | CourseHelper, place: Affiliation) -> list[Away]:
    of_week: list[Session] = getattr(row.course, "of_week", [])
    return [
        Away(row, session, place.title, place.rank)
        for session in of_week
        if place.shares_days(clock.day_of(session.starts_at), clock.day_of(session.starts_at))
    ]
