"""課程登錄錯誤: withdraw a course that was not held or was registered twice; it keeps reason, person and time."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from accounts.acting import Actor
from accounts.models import User
from audit import log
from courses.actions import absence_states, campaign_notices, lights, postponements, transfers
from courses.actions.confirmations import CANCEL
from courses.actions.helpers import dismiss
from courses.actions.states import lock_managed, move
from courses.change_signals import announce_changed
from courses.enums import LIVE, CourseState, EnrolmentState, WithdrawalReason
from courses.errors import HoursIssued, ReasonMissing
from courses.models import Course
from courses.models.double_enrolments import each_person_once
from kit import clock
from kit.typed_texts import require_no_number
from notices import outbox

S = EnrolmentState


@transaction.atomic
def withdraw(*, course: Course, by: Actor, reason: str, text: str = "", at: datetime | None = None) -> Course:
    """Withdraw a registered course with a reason; "another reason" needs a text.

    Cancel its live enrolments (no absence), notify their people, end a pending transfer, recount the unit's light. Raise
    HoursIssued (the course is closed), WrongState, ReasonMissing, NumberInText, NotTheHandler.
    """
    moment = at or clock.now()
    course, by = lock_managed(course, by)
    if course.state == CourseState.CLOSED:
        raise HoursIssued
    if reason not in WithdrawalReason.values or (reason == WithdrawalReason.OTHER and not text.strip()):
        raise ReasonMissing
    require_no_number(text)
    said = {"withdrawal_reason": reason, "withdrawal_text": text.strip()}
    freed = {"seats_taken": 0, "seats_kept": 0, "postponed_at": None}
    move(course, CourseState.WITHDRAWN, withdrawn_at=moment, withdrawn_by=by.user, **said, **freed)
    postponements.settle_not_held(course, moment)
    rows = list(course.enrolments.live().select_related("user"))
    helpers = dismiss(course)
    _cancel_all(course, moment)
    absence_states.end([row.pk for row in rows], moment)
    transfers.end_pending(course=course, by=by, at=moment)
    lights.follow(unit_ids=[course.unit_id], years=[course.year], at=moment, cause="withdrawal")
    campaign_notices.settle(course=course, by=by, at=moment)
    told = outbox.write(
        [
            *(
                _notice(course, row.user, by, is_seated=row.state == S.ADMITTED)
                for row in each_person_once(rows)
            ),
            *(_notice(course, helper.user, by, part=helper.participation) for helper in helpers),
        ]
    )
    log.record(
        "course.withdraw",
        course,
        by=by,
        unit_id=course.unit_id,
        reason=f"{reason} {text}".strip(),
        before={"state": CourseState.REGISTERED},
        after={"state": course.state, "told": told},
        subjects=[*(row.user_id for row in rows), *(helper.user_id for helper in helpers)],
    )
    announce_changed([course])
    return course


def _notice(
    course: Course, person: User, by: Actor, *, is_seated: bool = False, part: str = ""
) -> outbox.NewNotice:
    """Return the notice of a person; `part`: as what a lecturer or member of staff was named."""
    return outbox.NewNotice(
        kind="course_withdrawn",
        to=person,
        about=f"course:{course.pk}",
        event="withdrawn",
        refs=[CANCEL] if is_seated or part else [],
        path=reverse("courses:catalogue"),
        context={
            "course": course.title,
            "code": course.code,
            "reason": WithdrawalReason(course.withdrawal_reason).label,
            "day": course.starts_on,
            "explanation": course.withdrawal_text,
            "part": part,
        },
        sent_by=by.person_label,
    )


def _cancel_all(course: Course, at: datetime) -> None:
    """Cancel the live enrolments; no place is kept for anybody any more."""
    course.enrolments.filter(state__in=LIVE).update(state=S.CANCELLED, quota=None, decided_at=at)
    course.quotas.filter(released_at=None).update(taken=0, released_at=at)
