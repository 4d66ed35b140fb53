"""協辦: the handler names a second handler, who may do everything but move the course and name handlers."""

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from accounts.acting import Actor
from accounts.locks import lock_actor
from accounts.models import BusinessAccount
from audit import log
from audit.models import AuditEvent
from courses.actions.states import require_changeable
from courses.change_signals import announce_changed
from courses.errors import NotASecondHandler, OnlyMainHandler
from courses.locks import lock_course
from courses.models import Course
from courses.queries.second_handlers import candidates
from courses.rules import may_name_handlers, require_manager
from notices import outbox


@transaction.atomic
def name(*, course: Course, by: Actor, account: BusinessAccount | None) -> Course:
    """Name the second handler of a draft or an unclosed course, or with None end it; notify the one named and the one replaced.

    Naming the same account again changes nothing. Raise NotTheHandler and its like, OnlyMainHandler, NotASecondHandler (another unit,
    not in force, the handler's own person), WrongState.
    """
    by = lock_actor(by, accounts=[account.pk] if account else [])
    course = lock_course(course)
    require_manager(by, course)
    if not may_name_handlers(by, course):
        raise OnlyMainHandler
    require_changeable(course)
    former = course.co_handler
    chosen = _checked(course, account)
    if former == chosen:
        return course
    Course.objects.filter(pk=course.pk).update(co_handler=chosen, version=F("version") + 1)
    course.co_handler, course.version = chosen, course.version + 1
    people = {row.user_id for row in (former, chosen) if row}
    event = log.record(
        "course.second_handler",
        course,
        by=by,
        unit_id=course.unit_id,
        subjects=people,
        before={"second_handler": former.number if former else ""},
        after={"second_handler": chosen.number if chosen else ""},
    )
    _notify(course, former, chosen, by, event)
    announce_changed([course])
    return course


def _checked(course: Course, account: BusinessAccount | None) -> BusinessAccount | None:
    """Return the account as it is under the lock. Raise NotASecondHandler."""
    if account is None:
        return None
    chosen = candidates(course).filter(pk=account.pk).first()
    if chosen is None:
        raise NotASecondHandler
    return chosen


def _notify(
    course: Course,
    former: BusinessAccount | None,
    chosen: BusinessAccount | None,
    by: Actor,
    event: AuditEvent,
) -> None:
    outbox.write(
        outbox.NewNotice(
            kind="second_handler",
            to=account.user,
            about=f"course:{course.pk}",
            event=event.pk,
            path=reverse("courses:detail", args=[course.code]),
            context={
                "course": course.title,
                "code": course.code,
                "starts_on": course.starts_on,
                "named": account == chosen,
            },
            sent_by=by.person_label,
        )
        for account in (former, chosen)
        if account and account.user_id != by.user.pk
    )
