"""本週外出研習名單: who of a unit's staff is away at other units' courses in a week, and when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch

from accounts.models import Affiliation
from accounts.queries.persons import with_merged
from courses.enums import CourseState, EnrolmentState
from courses.models import Enrolment, Session
from courses.models.deadlines import DAY
from kit import clock

WEEK = 7 * DAY


@dataclass(frozen=True)
class Away:
    """One session of a course of another unit to which one of the staff goes."""

    row: Enrolment
    session: Session
    title: str
    rank: int

    @property
    def place(self) -> str:
        return self.session.place or self.row.course.place

    @property
    def sort_key(self) -> tuple[object, ...]:
        return (clock.day_of(self.session.starts_at), self.session.starts_at, self.rank, self.row.user.name)


def away_in(unit_ids: Collection[int], monday: date) -> dict[int, list[Away]]:
    """Return who is away in the week of each unit, by day and hour, then in the school's order. Three queries for all units.

    Courses of the unit itself are left out, and who has cancelled or not been admitted.
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
    for row in rows:
        for place in served.get(row.person_id, []):
            if row.course.unit_id != place.unit_id:
                found.setdefault(place.unit_id, []).extend(_sessions(row, place))
    return {unit: sorted(set(lines), key=lambda line: line.sort_key) for unit, lines in found.items()}


def _sessions(row: Enrolment, place: Affiliation) -> list[Away]:
    of_week: list[Session] = getattr(row.course, "of_week", [])
    return [
        Away(row, session, place.title, place.rank)
        for session in of_week
        if place.shares_days(clock.day_of(session.starts_at), clock.day_of(session.starts_at))
    ]
