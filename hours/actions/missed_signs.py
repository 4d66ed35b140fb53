"""A person reports a missed sign; the organiser accepts it, which enters what is missing, or declines it."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.acting import Actor
from accounts.queries.persons import persons_of
from audit import log
from courses.actions.states import lock_managed, require_registered
from courses.enums import EnrolmentState
from courses.locks import lock_course
from courses.models import Course, Session
from courses.queries.helpers import named_as
from hours.actions import attendance
from hours.actions.attendance import HandSign
from hours.actions.open_sessions import require_held
from hours.enums import ReportState, SignKind
from hours.errors import NothingMissed, ReportDecided, ReportOpen
from hours.models import Attendance, MissedSign
from kit import clock
from kit.typed_texts import require_no_number


@transaction.atomic
def report(*, session: Session, by: Actor, text: str, at: datetime | None = None) -> MissedSign:
    """Report a missed sign of a session that has begun, as one of the admitted people, lecturers and staff of its course.

    Raise the refusals of `require_held`, NothingMissed (none of these people, not begun, both signs are there, no text), ReportOpen.
    """
    moment = at or clock.now()
    course = lock_course(session.course)
    session = require_held(session)
    reporter = _listed_as(course, by)
    own = Attendance.objects.valid().filter(session=session, user__in=persons_of(by.user.pk))
    signs = own.order_by().values("kind").distinct().count()
    if reporter is None or session.starts_at > moment or signs == len(SignKind) or not text.strip():
        raise NothingMissed
    require_no_number(text)
    try:
        with transaction.atomic():
            row = MissedSign.objects.create(
                session=session, user_id=reporter, text=text.strip(), raised_at=moment
            )
    except IntegrityError:
        raise ReportOpen from None
    log.record("missed_sign.report", row, by=by, unit_id=course.unit_id, after={"text": row.text})
    return row


def _listed_as(course: Course, by: Actor) -> int | None:
    """Return the record of the acting person that is admitted to a course, or named for it; None for others."""
    admitted = course.enrolments.of_person(by.user.pk).filter(state=EnrolmentState.ADMITTED).first()
    if admitted:
        return admitted.user_id
    return by.user.pk if named_as(course.pk, by.user.pk) else None


@transaction.atomic
def decide(*, report: MissedSign, by: Actor, accept: bool) -> None:
    """Accept a report, which enters both signs where they are missing, or decline it.

    Raise NotTheHandler and its like, WrongState, ReportDecided; when accepted also the refusals of `require_held`.
    """
    course, by = lock_managed(report.session.course, by)
    require_registered(course)
    state = ReportState.ACCEPTED if accept else ReportState.DECLINED
    rows = MissedSign.objects.filter(pk=report.pk, state=ReportState.OPEN)
    if not rows.update(state=state, decided_at=clock.now(), decided_by=by.user):
        raise ReportDecided
    log.record("missed_sign.decide", report, by=by, unit_id=course.unit_id, after={"state": state})
    if accept:
        signs = [HandSign(report.user_id, kind) for kind in _due(report.session)]
        attendance.sign_by_hand(session=report.session, by=by, signs=signs)


def _due(session: Session) -> list[SignKind]:
    """Return the signs that a session can have by now: nobody signs out before its end."""
    return [SignKind.IN, SignKind.OUT] if session.ends_at <= clock.now() else [SignKind.IN]


def settle(course: Course, by: Actor, at: datetime) -> None:
    """End what is still open when the course is closed: the sheet showed it. The caller has locked the course."""
    rows = MissedSign.objects.filter(session__course=course, state=ReportState.OPEN)
    rows.update(state=ReportState.CLOSED, decided_at=at, decided_by=by.user)
