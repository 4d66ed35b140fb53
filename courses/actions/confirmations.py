"""Confirmations of what a person did about a course: enrolled, applied, joined the waiting list, accepted a place, cancelled.

They are written in the transaction of the act by one statement that reads nothing more: what they say at first comes from the facts at hand. When the mail
leaves, it gets the sessions, the contact and the last day to cancel, as they are then, for a whole batch at once.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from courses.enums import CourseState, EnrolmentState, LeaveKind
from courses.models import Course, Enrolment
from courses.queries.coming_courses import enrolments_by_id
from courses.queries.contacts import shown_contacts
from courses.queries.meetings import meetings_ahead
from courses.queries.windows import cancel_window, placed_at
from kit import clock, request_memo
from notices import outbox, outdated
from notices.models import Notice

ENROLLED, CANCELLED = "enrolled", "enrolment_cancelled"
# What a notice does to the reader's calendar (`courses.actions.calendar_files`).
PUBLISH, CANCEL = "calendar:publish", "calendar:cancel"


def confirm(row: Enrolment, course: Course, person: User, event: AuditEvent) -> None:
    """Confirm an enrolment in its new state."""
    is_admitted = row.state == EnrolmentState.ADMITTED
    refs = [f"state:{row.state}", *([PUBLISH] if is_admitted else [])]
    outbox.write_event(_notice(ENROLLED, row, course, person, event.pk, refs, {"state": str(row.state)}))


def confirm_cancelled(
    row: Enrolment, course: Course, person: User, event: AuditEvent, *, because: str = ""
) -> None:
    """Confirm that an enrolment is cancelled. Call it while the row still has its former state.

    `because`: not by the own act, but "closed" (the person was) or "left" (the own staff of the course's unit).
    """
    refs = [CANCEL] if row.state == EnrolmentState.ADMITTED else []
    facts = {"was": str(row.state), "because": because}
    if because == "left":
        facts["unit"] = course.unit.name
    outbox.write_event(_notice(CANCELLED, row, course, person, event.pk, refs, facts))


def _notice(
    kind: str,
    row: Enrolment,
    course: Course,
    person: User,
    event: object,
    refs: Sequence[str],
    more: Mapping[str, Any],
) -> outbox.NewNotice:
    return outbox.NewNotice(
        kind=kind,
        to=person,
        about=f"enrolment:{row.pk}",
        event=event,
        refs=refs,
        path=reverse("courses:public", args=[course.code]),
        context={"course": course.title, "code": course.code, "starts_on": course.starts_on, **more},
    )


@outdated.recheck(ENROLLED)
def complete(notices: Sequence[Notice]) -> dict[int, tuple[str, str] | None]:
    """Give confirmations their full text; one whose state has changed meanwhile is not sent: another notice names the new one."""
    ids = {notice.pk: notice.object_number for notice in notices}
    rows, texts = enrolments_by_id(ids.values()), outbox.Texts()
    with request_memo.remembering():
        return {notice.pk: _full_text(notice, rows.get(ids[notice.pk]), texts) for notice in notices}


def _full_text(notice: Notice, row: Enrolment | None, texts: outbox.Texts) -> tuple[str, str] | None:
    if row is None or f"state:{row.state}" not in notice.refs or row.course.state != CourseState.REGISTERED:
        return None
    more = {"state": str(row.state), **facts_of(row.course, row)}
    return texts.of(_notice(ENROLLED, row, row.course, row.user, notice.key, (), more))


def facts_of(course: Course, row: Enrolment | None = None) -> dict[str, Any]:
    """Return when, where, the contact, and, of an admitted person, until when to cancel, the leave and whether there are questions to answer.

    The caller has loaded the sessions, `unit`, `handler__user` and `co_handler__user`.
    """
    is_admitted = row is not None and row.state == EnrolmentState.ADMITTED
    window = cancel_window(course, placed_at(row)) if row is not None and is_admitted else None
    return {
        "meetings": tuple(meetings_ahead(course, clock.now())),
        "contact": shown_contacts(course)[0],
        "window": window,
        **(leave_facts(course) if is_admitted else {}),
    }


def leave_facts(course: Course) -> dict[str, Any]:
    """Return the recommended leave in words, whether the person has to apply for it at the own school, and whether there are questions."""
    is_leave = course.leave_kind not in (LeaveKind.OUT_OF_HOURS, LeaveKind.NO_LEAVE)
    asks = bool(course.questions.all())
    return {"leave": course.get_leave_kind_display(), "needs_leave": is_leave, "asks": asks}
