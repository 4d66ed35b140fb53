"""簽到簽退: people sign for themselves, the organiser signs for them and takes signs back.

A sign is written once a person, session and kind; a person who repeats it gets the first sign. Hours follow when the course is
closed (`hours.queries.presence`).
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from accounts.acting import Actor
from accounts.models import User
from accounts.queries.persons import persons_of
from audit import log
from courses.actions.states import lock_managed, require_registered
from courses.enums import EnrolmentState
from courses.locks import share_course
from courses.models import Course, Session
from courses.queries.helpers import helpers_of
from courses.rules import require_manager
from hours.actions.open_sessions import require_held
from hours.enums import SignKind, SignWay
from hours.errors import (
    CodeRefused,
    NobodyToSign,
    NotAtThisTime,
    NotOnTheList,
    OwnCodeUnknown,
    SignGone,
    TooManyNumbers,
    WrongNumber,
)
from hours.models import Attendance
from hours.queries.merged_signs import listed_record, record_of
from hours.queries.sign_codes import PENDING, is_open, owners_of, read_number
from kit import clock
from kit.texts import without_blanks
from signin.actions import throttles

# Tries at the six digits, a person and session.
TRIES = 5


class HandSign(NamedTuple):
    """A sign that the organiser enters for a person; without a moment it is of now, or of the session's own begin or end."""

    person: int
    kind: str
    at: datetime | None = None


class OfflineSigns(NamedTuple):
    """What became of the signs that a device kept without a network: the new ones, and the people whose sign cannot be entered any more."""

    entered: list[Attendance]
    left_out: list[int]


@transaction.atomic
def sign(
    *, session: Session, kind: str, by: Actor, at: datetime, way: str = SignWay.SCAN, phone: str = ""
) -> Attendance:
    """Sign the acting person in to or out of a session, as of the moment of the scan. `phone` is the random mark of the browser.

    Of several records of a person the one with a place in the course is signed, once.
    People who are not enrolled are recorded, too: the organiser sees them. Raise the refusals of `require_held`, NotAtThisTime (outside
    of the session's window), CodeRefused (a scan older than two minutes, or one from before the sign was taken back).
    """
    now = clock.now()
    share_course(session.course_id)
    session = require_held(session)
    if not is_open(session, at):
        raise NotAtThisTime
    if not at <= now <= at + PENDING:
        raise CodeRefused
    mine = Attendance.objects.filter(session=session, user__in=persons_of(by.user.pk), kind=kind)
    known = list(mine)
    if any(row.taken_back_at and row.taken_back_at >= at for row in known):
        raise CodeRefused
    if valid := next((row for row in known if row.taken_back_at is None), None):
        return valid
    device = _device(session, phone)
    facts = {"at": at, "way": way, "device": device, "recorded_at": now, "recorded_by": by.user}
    listed = record_of(session.course_id, by.user.pk)
    row, is_new = Attendance.objects.get_or_create(
        session=session, user_id=listed, kind=kind, taken_back_at=None, defaults=facts
    )
    if is_new:
        log.record("attendance.sign", row, by=by, unit_id=session.course.unit_id, after=_facts(row))
    return row


def sign_by_number(*, session: Session, by: Actor, number: str, phone: str = "") -> Attendance:
    """Sign the acting person by the six digits on the screen, in five tries a session.

    Raise TooManyNumbers, WrongNumber, and the refusals of `sign`.
    """
    limit = throttles.person_limit(f"sign:{session.pk}", by.user.pk, most=TRIES)
    throttles.claim([limit], TooManyNumbers)
    now = clock.now()
    scan = read_number(without_blanks(number), session.pk, now)
    if scan is None:
        raise WrongNumber
    throttles.succeeded([limit])
    return sign(session=session, kind=scan.kind, by=by, at=now, way=SignWay.NUMBER, phone=phone)


def _device(session: Session, phone: str) -> str:
    """Return the mark of a phone in a course: phones cannot be followed from one course to another."""
    if not phone:
        return ""
    text = f"{session.course_id}:{phone}"
    return hmac.new(settings.ID_PEPPER.encode(), text.encode(), hashlib.sha256).hexdigest()


@transaction.atomic
def sign_by_hand(
    *, session: Session, by: Actor, signs: Sequence[HandSign], way: str = SignWay.HAND
) -> list[Attendance]:
    """Enter signs for people on the list of a course, or who have signed; return those that are new.

    All or none. Raise NotTheHandler and its like, the refusals of `require_held`, NobodyToSign, NotOnTheList, NotAtThisTime.
    """
    course, by = lock_managed(session.course, by)
    session = require_held(session)
    if not signs:
        raise NobodyToSign
    if {one.person for one in signs} - people_of(course):
        raise NotOnTheList
    now = clock.now()
    times = {one: _moment(session, one, now) for one in signs}
    return _entered(session, by, way, times)


@transaction.atomic
def sign_offline(*, session: Session, by: Actor, signs: Sequence[HandSign]) -> OfflineSigns:
    """Enter the signs by hand that a device kept while it had no network, all that can still be entered.

    One of a person who is not on the list any more, or of a moment outside of the session's window, keeps the others from nothing.
    Raise NotTheHandler and its like, the refusals of `require_held`.
    """
    course, by = lock_managed(session.course, by)
    session = require_held(session)
    now, listed = clock.now(), people_of(course)
    times: dict[HandSign, datetime] = {}
    left_out: dict[int, None] = {}
    for one in signs:
        try:
            if one.person not in listed:
                raise NotOnTheList
            times[one] = _moment(session, one, now)
        except (NotOnTheList, NotAtThisTime):
            left_out[one.person] = None
    return OfflineSigns(_entered(session, by, SignWay.HAND, times), list(left_out))


def _entered(session: Session, by: Actor, way: str, times: Mapping[HandSign, datetime]) -> list[Attendance]:
    """Write signs with their moments into a session of the locked course, with the record; return those that are new."""
    course = session.course
    signed = Attendance.objects.valid().filter(session=session)
    there = set(signed.annotate(person=listed_record(course.pk)).values_list("person", "kind"))
    # The same person twice in one request is one sign.
    wanted = {(one.person, one.kind): at for one, at in times.items() if (one.person, one.kind) not in there}
    now = clock.now()
    rows = Attendance.objects.bulk_create(
        [
            Attendance(
                session=session,
                user_id=person,
                kind=kind,
                at=at,
                way=way,
                recorded_at=now,
                recorded_by=by.user,
            )
            for (person, kind), at in wanted.items()
        ],
        batch_size=500,
    )
    events = [
        log.event("attendance.by_hand", row, by=by, unit_id=course.unit_id, after=_facts(row)) for row in rows
    ]
    log.record_many(events)
    return rows


def sign_by_own_code(*, session: Session, by: Actor, code: str, kind: str) -> str:
    """Sign the person whose phone shows this code; return the name.

    Raise OwnCodeUnknown (also for a code of two people), and the refusals of `sign_by_hand`.
    """
    require_manager(by, session.course)
    require_held(session)
    found = owners_of(without_blanks(code), session.pk, people_of(session.course), clock.now())
    if len(found) != 1 or kind not in SignKind.values:
        raise OwnCodeUnknown
    sign_by_hand(session=session, by=by, signs=[HandSign(found[0], kind)], way=SignWay.OWN_CODE)
    return User.objects.values_list("name", flat=True).get(pk=found[0])


@transaction.atomic
def take_back(*, sign: Attendance, by: Actor) -> None:
    """Take a sign back, which stays as evidence. Raise NotTheHandler and its like, WrongState, SignGone."""
    course, by = lock_managed(sign.session.course, by)
    require_registered(course)
    now = clock.now()
    rows = Attendance.objects.valid().filter(pk=sign.pk)
    if not rows.update(taken_back_at=now, taken_back_by=by.user):
        raise SignGone
    log.record("attendance.take_back", sign, by=by, unit_id=course.unit_id, before=_facts(sign))


def people_of(course: Course) -> set[int]:
    """Return who may be signed by hand: the admitted, lecturers and staff, and everybody who has signed for themselves."""
    admitted = course.enrolments.filter(state=EnrolmentState.ADMITTED).values_list("user_id", flat=True)
    signed = Attendance.objects.of_course(course.pk).annotate(person=listed_record(course.pk))
    helpers = (row.person_id for row in helpers_of(course))
    return {*admitted, *helpers, *signed.values_list("person", flat=True)}


def _moment(session: Session, one: HandSign, now: datetime) -> datetime:
    """Return the moment of a sign by hand. Raise NotAtThisTime for one in the future or outside of the session's window."""
    own = session.starts_at if one.kind == SignKind.IN else session.ends_at
    at = one.at or (now if is_open(session, now) else own)
    if at > now or not is_open(session, at):
        raise NotAtThisTime
    return at


def _facts(row: Attendance) -> dict[str, object]:
    return {"session": row.session_id, "kind": row.kind, "at": row.at, "way": row.way}
