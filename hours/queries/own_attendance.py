"""What a person may sign now, and what the person has signed."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from accounts.queries.persons import persons_of
from courses.enums import Admission, AudienceObstacle, CourseState, EnrolmentState
from courses.models import Course, CourseHelper, Enrolment, Session
from courses.queries.offers import Offer, offers
from hours.enums import ReportState, SignKind
from hours.models import Attendance, MissedSign
from hours.queries.merged_signs import records_of


@dataclass(frozen=True)
class OwnSession:
    """A session with the person's own signs. `listed_as`: the person's record that is admitted to the course, if any."""

    session: Session
    listed_as: int | None
    came: Attendance | None = None
    left: Attendance | None = None
    # Of a course that admits at once, for a person who is neither on its list nor was declined.
    offer: Offer | None = None
    # Whether the person is named as a lecturer or member of staff.
    is_helper: bool = False

    @property
    def is_listed(self) -> bool:
        return self.listed_as is not None

    @property
    def offer_at_the_door(self) -> Offer | None:
        """Return the offer, once the person has signed."""
        return self.offer if self.came or self.left else None

    @property
    def may_join(self) -> bool:
        """Whether a free place is offered to a person who has signed without being on the list."""
        return self.offer_at_the_door is not None and self.offer_at_the_door.has_place

    @property
    def obstacle(self) -> AudienceObstacle | None:
        """Return why the person who signed is not among those who may enrol."""
        return self.offer_at_the_door.obstacle if self.offer_at_the_door else None


def open_sessions(person: int, at: datetime) -> list[OwnSession]:
    """Return the sessions of registered courses, none that is postponed, which are open for signing now and in which the person is admitted,
    lectures, helps or has signed.
    """
    around = timedelta(minutes=settings.SIGN_WINDOW_MINUTES)
    signed = Q(pk__in=Attendance.objects.valid().filter(user__in=persons_of(person)).values("session"))
    rows = (
        Session.objects.filter(
            _expects(person) | signed,
            course__state=CourseState.REGISTERED,
            suspension=None,
            starts_at__lte=at + around,
            ends_at__gte=at - around,
        )
        .select_related("course__unit")
        .distinct()
        .order_by("starts_at", "pk")
    )
    return own_sessions(person, list(rows))


def _expects(person: int) -> Q:
    """Return the condition of the sessions of courses to which a person is admitted, or for which the person is named."""
    admitted = Q(
        course__enrolments__user__in=persons_of(person), course__enrolments__state=EnrolmentState.ADMITTED
    )
    return admitted | Q(course__in=CourseHelper.objects.filter(user__in=persons_of(person)).values("course"))


def own_sessions(person: int, sessions: Sequence[Session]) -> list[OwnSession]:
    """Return these sessions with the person's own signs and what their courses offer, in constant queries."""
    signs = Attendance.objects.valid().filter(user__in=persons_of(person), session__in=sessions)
    mine = {(sign.session_id, sign.kind): sign for sign in signs}
    listed = records_of(person, {session.course_id for session in sessions})
    helping = _helping(person, {session.course_id for session in sessions} - listed.keys())
    known = listed.keys() | helping
    unlisted = [session.course for session in sessions if session.course_id not in known]
    offered = offers([(person, course) for course in _admitting(person, unlisted)])
    return [
        OwnSession(
            session,
            listed.get(session.course_id),
            mine.get((session.pk, SignKind.IN)),
            mine.get((session.pk, SignKind.OUT)),
            offered.get((person, session.course_id)),
            session.course_id in helping,
        )
        for session in sessions
    ]


def _helping(person: int, courses: Collection[int]) -> set[int]:
    """Return those of some courses for which a person is named as a lecturer or member of staff; no query without courses."""
    if not courses:
        return set()
    rows = CourseHelper.objects.filter(user__in=persons_of(person), course__in=courses)
    return set(rows.values_list("course", flat=True))


def _admitting(person: int, courses: Iterable[Course]) -> list[Course]:
    """Return the courses that admit at once, are not postponed, and have not declined the person; no query without such courses."""
    found = [c for c in courses if c.admission == Admission.AUTOMATIC and c.postponed_at is None]
    rows = Enrolment.objects.of_person(person).filter(course__in=found, state=EnrolmentState.DECLINED)
    declined = set(rows.values_list("course", flat=True))
    return [course for course in found if course.pk not in declined]


def sessions_with_gaps(person: int, at: datetime) -> list[Session]:
    """Return the sessions of unclosed courses in which others signed in, or out, and this person on their list did not, newest first.

    A missing sign-out counts once the session is over; a session that is postponed or has an open report is left out.
    """
    rows = Session.objects.filter(
        _expects(person), course__state=CourseState.REGISTERED, suspension=None, starts_at__lte=at
    )
    no_in = _signed(SignKind.IN) & ~_signed(SignKind.IN, user__in=persons_of(person))
    no_out = _signed(SignKind.OUT) & ~_signed(SignKind.OUT, user__in=persons_of(person)) & Q(ends_at__lte=at)
    reported = MissedSign.objects.filter(
        session=OuterRef("pk"), user__in=persons_of(person), state=ReportState.OPEN
    )
    found = rows.filter(no_in | no_out).distinct().exclude(Exists(reported)).select_related("course")
    return list(found.order_by("-starts_at", "-pk"))


def _signed(kind: str, **who: Any) -> Q:
    return Q(Exists(Attendance.objects.valid().filter(session=OuterRef("pk"), kind=kind, **who)))


def own_reports(person: int) -> list[MissedSign]:
    """Return the person's reports in courses that are not closed, newest first."""
    rows = MissedSign.objects.filter(
        user__in=persons_of(person), session__course__state=CourseState.REGISTERED
    )
    return list(rows.select_related("session__course").order_by("-raised_at", "-pk"))
