"""Objections: a teacher reports missing or wrong hours of a course; those in charge of the course reply."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.acting import Actor
from audit import log
from courses.actions.states import lock_managed
from courses.enums import OUTCOMES, EnrolmentState
from courses.locks import lock_course
from courses.models import Course, Enrolment
from courses.queries import in_charge
from hours.enums import ObjectionState
from hours.errors import NoObjection, ObjectionAnswered, ObjectionOpen
from hours.models import Objection
from kit import clock
from notices import outbox

OBJECTABLE = frozenset({EnrolmentState.ADMITTED, *OUTCOMES})


@transaction.atomic
def object_to(*, course: Course, by: Actor, text: str, at: datetime | None = None) -> Objection:
    """Raise an objection to a course that is over, as one of its admitted people. Raise NoObjection, ObjectionOpen."""
    course = lock_course(course)
    mine = Enrolment.objects.of_person(by.user.pk).counting_once()
    enrolment = mine.filter(course=course, state__in=OBJECTABLE).first()
    if enrolment is None or not course.has_ended(at) or not text.strip():
        raise NoObjection
    try:
        with transaction.atomic():
            row = Objection.objects.create(
                enrolment=enrolment, text=text.strip(), raised_at=at or clock.now()
            )
    except IntegrityError:
        raise ObjectionOpen from None
    log.record("objection.raise", row, by=by, unit_id=course.unit_id, after={"text": row.text})
    outbox.write(
        outbox.NewNotice(
            kind="objection_raised",
            to=person,
            about=f"objection:{row.pk}",
            event="raised",
            path=reverse("hours:objections"),
            context={
                "course": course.title,
                "code": course.code,
                "teacher": by.user.name,
                "text": row.text,
            },
            sent_by=by.person_label,
        )
        for person in in_charge.of_course(course, clock.today(at)).people
    )
    return row


@transaction.atomic
def answer(*, objection: Objection, by: Actor, text: str, at: datetime | None = None) -> Objection:
    """Reply to an objection as the handler or the unit lead and notify the teacher. Raise ObjectionAnswered, NotTheHandler."""
    course, by = lock_managed(objection.enrolment.course, by)
    changed = text.strip() and Objection.objects.filter(pk=objection.pk, state=ObjectionState.OPEN).update(
        state=ObjectionState.ANSWERED, answer=text.strip(), answered_by=by.user, answered_at=at or clock.now()
    )
    if not changed:
        raise ObjectionAnswered
    objection.refresh_from_db()
    log.record(
        "objection.answer", objection, by=by, unit_id=course.unit_id, after={"answer": objection.answer}
    )
    outbox.write(
        [
            outbox.NewNotice(
                kind="objection_answered",
                to=objection.enrolment.user,
                about=f"objection:{objection.pk}",
                event="answered",
                path=reverse("hours:me"),
                context={"course": course.title, "code": course.code, "answer": objection.answer},
                sent_by=by.person_label,
            )
        ]
    )
    return objection
