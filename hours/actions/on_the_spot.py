"""現場報名: a person who signed without being on the list gets a free place of the course; the organiser enters people from outside."""

from datetime import datetime

from django.db import transaction

from accounts.acting import Actor
from accounts.actions import guests
from accounts.actions.guests import GuestFacts
from accounts.models import User
from accounts.queries.persons import persons_of
from courses.actions import participants, same_day_enrolment
from courses.models import Enrolment, Session
from hours.actions import attendance
from hours.actions.attendance import HandSign
from hours.actions.open_sessions import require_held
from hours.enums import SignKind
from hours.errors import NotAtThisTime, NotOfferedOnTheSpot
from hours.models import Attendance
from hours.queries.merged_signs import record_of
from hours.queries.sign_codes import is_open
from kit import clock


@transaction.atomic
def join(*, session: Session, by: Actor, at: datetime | None = None) -> Enrolment:
    """Admit the acting person, who has signed in this session, to its course.

    Raise NotOfferedOnTheSpot, NotAtThisTime (outside of the session's window), and the refusals of
    `courses.actions.same_day_enrolment.enrol_on_the_spot` and of `hours.actions.open_sessions.require_held`.
    """
    moment = at or clock.now()
    row = same_day_enrolment.enrol_on_the_spot(course=session.course, by=by, at=moment)
    session = require_held(session)
    if not is_open(session, moment):
        raise NotAtThisTime
    if not Attendance.objects.valid().filter(session=session, user__in=persons_of(by.user.pk)).exists():
        raise NotOfferedOnTheSpot
    return row


@transaction.atomic
def enter_guest(*, session: Session, facts: GuestFacts, by: Actor, more_places: bool = False) -> User:
    """Enter a person from outside, without an account, who has come; admit and sign the person in. All of it or nothing.

    The same guest twice is entered, admitted and signed in once. `more_places` raises the course's places where none is left. Raise the
    refusals of `accounts.actions.guests.enter`, `courses.actions.participants.add` and `hours.actions.attendance.sign_by_hand`.
    """
    guest = guests.enter(unit=session.course.unit, facts=facts, by=by)
    participants.add(course=session.course, by=by, people=[guest.pk], more_places=more_places)
    # A guest who was merged since may have the place under the former record.
    listed = record_of(session.course_id, guest.pk)
    attendance.sign_by_hand(session=session, by=by, signs=[HandSign(listed, SignKind.IN)])
    return guest
