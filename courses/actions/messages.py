"""The organiser writes to people of a course: seen first, once per page, recorded; replies go to the course's contact."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from accounts.acting import Actor
from audit import log
from courses.actions.states import lock_managed
from courses.enums import CourseState, MessageTo
from courses.errors import WrongState
from courses.errors.participants import NobodyToWriteTo
from courses.models import Course, CourseMessage
from courses.queries.message_readers import readers
from kit import clock
from kit.typed_texts import require_no_number
from notices import outbox, replies
from notices.models import Notice

KIND = "course_message"


@transaction.atomic
def send(
    *,
    course: Course,
    by: Actor,
    to: str,
    subject: str,
    text: str,
    form_key: UUID,
    chosen: Collection[int] = (),
) -> CourseMessage:
    """Write to people of a course. The same page sent again returns the message that it made.

    Raise NotTheHandler and its like, WrongState (draft, withdrawn), NumberInText, NobodyToWriteTo.
    """
    course, by = lock_managed(course, by)
    if course.state not in (CourseState.REGISTERED, CourseState.CLOSED):
        raise WrongState(state=course.get_state_display())
    if known := CourseMessage.objects.filter(course=course, form_key=form_key).first():
        return known
    require_no_number(subject, field="subject")
    require_no_number(text)
    rows = list(readers(course, MessageTo(to), chosen))
    if not rows:
        raise NobodyToWriteTo
    message = CourseMessage.objects.create(
        course=course,
        audience=to,
        subject=subject,
        text=text,
        sent_by=by.user,
        sent_at=clock.now(),
        form_key=form_key,
    )
    message.told = outbox.write(notice_of(message, row.user, by) for row in rows)
    message.save(update_fields=["told"])
    log.record(
        "course.message",
        course,
        by=by,
        unit_id=course.unit_id,
        subjects={row.user_id for row in rows},
        after={"to": to, "subject": subject, "told": message.told},
    )
    return message


def notice_of(message: CourseMessage, person: outbox.Person, by: Actor) -> outbox.NewNotice:
    """Return the notice that one person gets."""
    course = message.course
    return outbox.NewNotice(
        kind=KIND,
        to=person,
        about=f"course:{course.pk}",
        event=message.pk,
        path=reverse("courses:public", args=[course.code]),
        context={
            "course": course.title,
            "code": course.code,
            "subject": message.subject,
            "text": message.text,
            "contact": course.contact_name,
            "phone": course.contact_phone,
        },
        sent_by=by.person_label,
    )


@replies.replies(KIND)
def contacts_of(notices: Sequence[Notice]) -> Mapping[int, str]:
    """Return the contact's mailbox of each message's course, in one query."""
    courses = {notice.pk: notice.object_number for notice in notices}
    rows = Course.objects.filter(pk__in=courses.values()).exclude(contact_mail="")
    mailboxes = dict(rows.values_list("pk", "contact_mail"))
    return {pk: mailboxes[course] for pk, course in courses.items() if course in mailboxes}
