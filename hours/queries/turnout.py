"""Who came to a course, and how long: of one course for its receipt, of a unit's year for its statistics."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol, cast

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.queries.persons import person_key
from courses.enums import OUTCOMES, CourseState, EnrolmentState, Participation
from courses.models import Course, Enrolment
from hours.models import Attendance, HourCredit
from hours.models.credit import ZERO
from hours.queries.attendance import by_person
from hours.queries.presence import Signed

S, PARTICIPANT = EnrolmentState, Participation.PARTICIPANT


@dataclass(frozen=True)
class Stay:
    """The signs of a person at a course: the sessions with a sign, and the minutes between sign-in and sign-out."""

    sessions: int = 0
    minutes: int = 0
    # Sessions that the person signed in to and out of: only these have minutes.
    whole: int = 0


NO_STAY = Stay()


def stay_of(signs: Iterable[Signed]) -> Stay:
    """Return the stay of a person from the signs of each session."""
    found = [one for one in signs if one.signed_in or one.signed_out]
    spans = [one.signed_out - one.signed_in for one in found if one.signed_in and one.signed_out]
    minutes = sum((max(span, timedelta()) for span in spans), timedelta()) // timedelta(minutes=1)
    return Stay(len(found), minutes, len(spans))


@dataclass(frozen=True)
class Turnout:
    """How many were enrolled and came, and the mean minutes of those who signed in and out; None without signs."""

    enrolled: int
    came: int
    walk_ins: int
    signed: int = 0
    mean_minutes: int | None = None

    @property
    def share(self) -> int | None:
        """The percentage of the enrolled who came."""
        return round(100 * self.came / self.enrolled) if self.enrolled else None


def turnout(outcomes: Iterable[tuple[str, bool]], stays: Collection[Stay]) -> Turnout:
    """Return the turnout of a course from its people (outcome, walk-in) and their stays."""
    people = list(outcomes)
    enrolled = [state for state, is_walk_in in people if not is_walk_in]
    walk_ins = sum(is_walk_in and state == S.ATTENDED for state, is_walk_in in people)
    return Turnout(len(enrolled), enrolled.count(S.ATTENDED), walk_ins, *_signed(stays))


def _signed(stays: Collection[Stay]) -> tuple[int, int | None]:
    """Return how many signed, and the mean of the minutes of those who signed in and out."""
    whole = [stay.minutes for stay in stays if stay.whole]
    return sum(stay.sessions > 0 for stay in stays), round(sum(whole) / len(whole)) if whole else None


@dataclass(frozen=True)
class CourseTurnout:
    """A closed course of a unit's year; `hours` are those of participants that count now, `helper_hours` those of lecturers and staff."""

    course: Course
    turnout: Turnout
    hours: Decimal
    helper_hours: Decimal = ZERO


def closed_of_year(unit_id: int, year: int) -> "Sequence[CourseTurnout]":
    """Return the closed courses of a unit and ROC year with their turnout, by day, in two queries."""
    taking = Q(enrolments__participation=PARTICIPANT)
    held = Q(enrolments__state__in=OUTCOMES) & taking
    came = Q(enrolments__state=S.ATTENDED) & taking
    listed, walked = Q(enrolments__walk_in=False), Q(enrolments__walk_in=True)
    credits = HourCredit.objects.filter(course=OuterRef("pk")).order_by()
    rows = Course.objects.filter(unit=unit_id, year=year, state=CourseState.CLOSED).annotate(
        enrolled=Count("enrolments", filter=held & listed),
        came=Count("enrolments", filter=came & listed),
        walked=Count("enrolments", filter=came & walked),
        net=_sum_of(credits.participants()),
        helping=_sum_of(credits.exclude(participation=PARTICIPANT)),
    )
    found = list(rows.order_by("starts_on", "pk"))
    stays = _stays(unit_id, year)
    return [_of_course(row, stays.get(row.pk, [])) for row in found]


def _sum_of(credits: QuerySet[HourCredit]) -> Coalesce:
    return Coalesce(Subquery(credits.values("course").annotate(n=Sum("hours")).values("n")), ZERO)


class HasCounts(Protocol):
    enrolled: int
    came: int
    walked: int
    net: Decimal
    helping: Decimal


def _of_course(row: Course, stays: Collection[Stay]) -> CourseTurnout:
    counts = cast(HasCounts, row)
    found = Turnout(counts.enrolled, counts.came, counts.walked, *_signed(stays))
    return CourseTurnout(row, found, counts.net, counts.helping)


def _stays(unit_id: int, year: int) -> Mapping[int, list[Stay]]:
    """Return the stays of everybody who signed at a closed course of a unit and year, by course, once a person and without lecturers and staff."""
    rows = Attendance.objects.valid().filter(
        session__course__unit=unit_id, session__course__year=year, session__course__state=CourseState.CLOSED
    )
    rows = rows.annotate(person=person_key())
    helping = Enrolment.objects.exclude(participation=PARTICIPANT).annotate(person=person_key())
    same = helping.filter(course=OuterRef("session__course"), person=OuterRef("person"))
    lines = rows.exclude(Exists(same)).order_by()
    columns = ("session__course_id", "person", "session_id", "kind", "at")
    signed: Iterator[tuple[int, int, int, str, datetime]] = lines.values_list(*columns).iterator()
    signs = by_person(((course, who), session, kind, at) for course, who, session, kind, at in signed)
    found: dict[int, list[Stay]] = defaultdict(list)
    for (course, _person), mine in signs.items():
        found[course].append(stay_of(mine.values()))
    return found


@dataclass(frozen=True)
class YearTurnout:
    """The sums of a unit's year."""

    courses: int
    enrolled: int
    came: int
    hours: Decimal
    helper_hours: Decimal = ZERO

    @property
    def share(self) -> int | None:
        return round(100 * self.came / self.enrolled) if self.enrolled else None


def summed(rows: Sequence[CourseTurnout]) -> YearTurnout:
    return YearTurnout(
        len(rows),
        sum(row.turnout.enrolled for row in rows),
        sum(row.turnout.came for row in rows),
        sum((row.hours for row in rows), ZERO),
        sum((row.helper_hours for row in rows), ZERO),
    )
