"""The clock's notices of objections: one message a person and day, which lists what waits for a reply by its last day."""

from collections.abc import Sequence
from datetime import date

from accounts.models import BusinessAccount
from hours.actions.objections import page_of
from hours.queries import due_objections as due
from hours.queries.closing_steps import CATCH_UP
from hours.queries.due_objections import DueObjection
from kit import clock
from notices import outbox, outdated
from notices.models import Notice
from notices.timed import Batch

KIND = "objection_due"
PEOPLE_AT_ONCE = 200


def batch(day: date, cursor: int) -> Batch:
    """Return the notices of some of the people: what is due and was not named to the person before."""
    people = due.people_after(cursor, day, PEOPLE_AT_ONCE)
    told = _notified(people, day)
    notices = [
        _notice(account, fresh, day)
        for account, steps in due.due_to(people, day).items()
        if (fresh := [step for step in steps if (account.user_id, step.ref) not in told])
    ]
    return Batch(notices, people[-1] if len(people) == PEOPLE_AT_ONCE else None)


def _notified(people: Sequence[int], day: date) -> set[tuple[int | None, str]]:
    """Return (person, event) of the notices that were written lately: no event is named to a person twice."""
    since = clock.at_taipei(day - CATCH_UP)
    return Notice.objects.filter(kind=KIND, recipient_id__in=people, created_at__gte=since).named()


def _notice(account: BusinessAccount, steps: Sequence[DueObjection], day: date) -> outbox.NewNotice:
    return outbox.NewNotice(
        kind=KIND,
        to=account.user,
        about="objections",
        day=day,
        refs=[step.ref for step in steps],
        path=page_of(account),
        context={"items": [_item(step) for step in steps]},
    )


def _item(due: DueObjection) -> dict[str, object]:
    """Return what a line of the message shows."""
    course = due.objection.course
    return {
        "step": due.step,
        "is_review": due.objection.review_at is not None,
        "teacher": due.objection.user.name,
        "code": course.code,
        "title": course.title,
        "unit": course.unit.name,
        "since": clock.day_of(due.objection.waits_since),
        "answer_by": due.days.answer_by,
    }


@outdated.recheck(KIND)
def still_due(notices: Sequence[Notice]) -> dict[int, tuple[str, str] | None]:
    """A notice that waited names only what still waits for its reader; without any it is not sent."""
    day = clock.today()
    people = [notice.recipient_id for notice in notices if notice.recipient_id]
    now = {account.user_id: (account, steps) for account, steps in due.due_to(people, day).items()}
    found: dict[int, tuple[str, str] | None] = {}
    for notice in notices:
        account, steps = now.get(notice.recipient_id or 0, (None, []))
        rest = [step for step in steps if step.ref in notice.refs]
        if account is None or not rest:
            found[notice.pk] = None
        elif len(rest) < len(notice.refs):
            found[notice.pk] = outbox.text_of(_notice(account, rest, day))
    return found
