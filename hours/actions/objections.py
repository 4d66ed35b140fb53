"""時數疑義: a person reports missing or wrong hours; those in charge reply, by correcting them where they are right; one review follows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.acting import Actor
from accounts.enums import OVERSIGHT_ROLES
from accounts.locks import lock_actor
from accounts.models import BusinessAccount, User
from accounts.queries.persons import persons_of
from accounts.unit_pages import unit_page
from audit import log
from audit.models import AuditEvent
from courses.enums import CourseState, EnrolmentState
from courses.locks import lock_course
from courses.models import Course, Enrolment
from hours.actions import corrections
from hours.enums import ObjectionState
from hours.errors import (
    AnswerMissing,
    NoObjection,
    ObjectionAnswered,
    ObjectionOpen,
    ObjectionSettled,
    ReviewImpossible,
)
from hours.models import Objection
from hours.queries.objections import next_level, repliers
from hours.rules import level_of, require_replier
from kit import clock
from kit.typed_texts import require_no_number
from notices import outbox

S = ObjectionState
OBJECTABLE = (CourseState.REGISTERED, CourseState.CLOSED)


@dataclass(frozen=True)
class Correction:
    """What the person gets with the answer. `participation`: as what the person took part; None leaves it as it is."""

    state: EnrolmentState
    hours: Decimal
    participation: str | None = None


@transaction.atomic
def object_to(*, course: Course, by: Actor, text: str, at: datetime | None = None) -> Objection:
    """Raise an objection to a course that is over, also as a person who was forgotten and has no enrolment.

    Raise NoObjection, NumberInText, ObjectionOpen, ObjectionSettled (it has a reply, and nothing changed since).
    """
    moment = at or clock.now()
    course = lock_course(course)
    if course.state not in OBJECTABLE or not course.has_ended(moment) or not text.strip():
        raise NoObjection
    require_no_number(text)
    _refuse_repeated(course, by)
    try:
        with transaction.atomic():
            row = Objection.objects.create(course=course, user=by.user, text=text.strip(), raised_at=moment)
    except IntegrityError:
        raise ObjectionOpen from None
    log.record("objection.raise", row, by=by, unit_id=course.unit_id, after={"text": row.text})
    _notify_repliers("objection_raised", row, "raised", row.text, by)
    return row


def _refuse_repeated(course: Course, by: Actor) -> None:
    """Raise ObjectionOpen, or ObjectionSettled for the same matter: the outcome is as it was when the last reply came.

    What was objected and corrected under a merged record is the person's own.
    """
    last = Objection.objects.filter(course=course, user__in=persons_of(by.user.pk)).first()
    if last and last.is_waiting:
        raise ObjectionOpen
    if last is None or last.answered_at is None:
        return
    settled = last.reviewed_at or last.answered_at
    if course.closed_at and course.closed_at > settled:
        return
    rows = Enrolment.objects.of_person(by.user.pk).filter(course=course)
    mine = [str(pk) for pk in rows.values_list("pk", flat=True)]
    changes = AuditEvent.objects.filter(action="hours.correct", object_type="courses.enrolment")
    if not changes.filter(object_id__in=mine, at__gt=settled).exists():
        raise ObjectionSettled


@transaction.atomic
def answer(
    *,
    objection: Objection,
    by: Actor,
    text: str,
    correction: Correction | None = None,
    at: datetime | None = None,
) -> Objection:
    """Reply to an objection, or with the result of its review, and notify the person; a correction is written in the same act.

    The correction may add a person who was forgotten at closing. Raise NotYourObjection and what `require_manager` raises,
    ObjectionAnswered, AnswerMissing, NumberInText, and what `corrections.correct` raises.
    """
    moment = at or clock.now()
    by = lock_actor(by)
    course = lock_course(objection.course)
    objection = Objection.objects.select_related("user").get(pk=objection.pk)
    objection.course = course
    if not objection.is_waiting:
        raise ObjectionAnswered
    require_replier(by, objection, clock.day_of(moment))
    if not text.strip():
        raise AnswerMissing
    require_no_number(text)
    hours = None
    if correction:
        hours = corrections.set_outcome(
            course=course,
            person=objection.user,
            by=by,
            state=correction.state,
            hours=correction.hours,
            reason=text.strip(),
            participation=correction.participation,
            at=moment,
        )
    is_review = objection.state == S.REVIEW
    _store_reply(objection, by, text.strip(), hours, moment)
    act = "objection.review" if is_review else "objection.answer"
    after = {"answer": text.strip(), "level": level_of(by), **({} if hours is None else {"hours": hours})}
    log.record(act, objection, by=by, unit_id=course.unit_id, after=after)
    _notify_person(objection, is_review, text.strip(), hours, by)
    return objection


def _store_reply(objection: Objection, by: Actor, text: str, hours: Decimal | None, moment: datetime) -> None:
    if objection.state == S.REVIEW:
        fields = {"state": S.REVIEWED, "review_answer": text, "reviewed_by": by.user, "reviewed_at": moment}
        fields["review_hours"] = hours
    else:
        fields = {"state": S.ANSWERED, "answer": text, "answered_by": by.user, "answered_at": moment}
        fields |= {"answered_level": level_of(by), "answer_hours": hours}
    for name, value in fields.items():
        setattr(objection, name, value)
    objection.save(update_fields=list(fields))


@transaction.atomic
def request_review(*, objection: Objection, by: Actor, text: str, at: datetime | None = None) -> Objection:
    """複查: let the level above the one that replied look at the answer, once. Raise ReviewImpossible, NumberInText."""
    course = lock_course(objection.course)
    objection = Objection.objects.select_related("user").get(pk=objection.pk)
    objection.course = course
    level = next_level(objection)
    person = objection.user.person_id
    if person != by.user.pk or objection.state != S.ANSWERED or not text.strip() or level is None:
        raise ReviewImpossible
    require_no_number(text)
    objection.state, objection.review_text = S.REVIEW, text.strip()
    objection.review_level, objection.review_at = level, at or clock.now()
    objection.save(update_fields=["state", "review_text", "review_level", "review_at"])
    after = {"text": objection.review_text, "level": level}
    log.record("objection.request_review", objection, by=by, unit_id=course.unit_id, after=after)
    _notify_repliers("objection_review", objection, "review", objection.review_text, by)
    return objection


def page_of(account: BusinessAccount) -> str:
    """Return the page on which an account replies."""
    route = "hours:county_objections" if account.role in OVERSIGHT_ROLES else "hours:objections"
    return unit_page(route, account.unit_id)


def _notify_repliers(kind: str, objection: Objection, event: str, text: str, by: Actor) -> None:
    accounts: Iterable[BusinessAccount] = repliers(objection)
    course = objection.course
    people: dict[User, BusinessAccount] = {}
    for account in accounts:
        people.setdefault(account.user, account)
    outbox.write(
        outbox.NewNotice(
            kind=kind,
            to=person,
            about=f"objection:{objection.pk}",
            event=event,
            path=page_of(account),
            context={
                "course": course.title,
                "code": course.code,
                "teacher": by.user.name,
                "text": text,
                "answer": objection.answer,
            },
            sent_by=by.person_label,
        )
        for person, account in people.items()
    )


def _notify_person(
    objection: Objection, is_review: bool, text: str, hours: Decimal | None, by: Actor
) -> None:
    course = objection.course
    outbox.write(
        [
            outbox.NewNotice(
                kind="objection_answered",
                to=objection.user,
                about=f"objection:{objection.pk}",
                event="reviewed" if is_review else "answered",
                path=reverse("hours:me") + "#objections",
                context={
                    "course": course.title,
                    "code": course.code,
                    "answer": text,
                    "is_review": is_review,
                    "hours": hours,
                    "may_review": not is_review and next_level(objection) is not None,
                },
                sent_by=by.person_label,
            )
        ]
    )
