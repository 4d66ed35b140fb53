"""課程移轉: courses move between personal business accounts; accounts never move between people (letter, point 5)."""

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.acting import Actor
from accounts.locks import lock_actor
from accounts.models import BusinessAccount
from accounts.rules import may_oversee
from audit import log
from courses.actions import transfer_notices
from courses.enums import TransferState
from courses.errors import NotTransferable, NotYourUnit, ReasonMissing, TransferDecided, TransferPending
from courses.locks import lock_courses, lock_transfers
from courses.models import Course, TransferRequest
from courses.queries.transfers import why_not
from courses.rules import not_the_handler, require_unit_hat
from kit import clock
from kit.typed_texts import require_reason


@transaction.atomic
def request(*, by: Actor, courses: Collection[Course], reason: str) -> list[TransferRequest]:
    """Request unclosed courses of a colleague at the same unit, as their new handler; all or none.

    Store the four items of the letter as they are now. Raise NeedsBusinessAccount, NotYourUnit, ReasonMissing, NotTransferable,
    TransferPending.
    """
    by = lock_actor(by)
    locked = lock_courses(course.pk for course in courses)
    account = require_unit_hat(by)
    if any(course.unit_id != account.unit_id for course in locked.values()):
        raise NotYourUnit
    require_reason(reason, ReasonMissing)
    made = []
    for course in locked.values():
        refuse_impossible(course, account)
        made.append(create_request(course, account, by, reason.strip()))
    log.record_many(
        log.event(
            "transfer.request",
            row,
            by=by,
            unit_id=account.unit_id,
            reason=row.reason,
            after={"to": account.number},
        )
        for row in made
    )
    transfer_notices.notify_requested(made, by)
    return made


@transaction.atomic
def offer(
    *, by: Actor, courses: Collection[Course], to_account: BusinessAccount, reason: str
) -> list[TransferRequest]:
    """Offer unclosed courses to a colleague of the unit, before or after the account has ended; all or none.

    Done by the person who leaves a duty, or on that person's behalf by the unit's lead, the county or the operator. The
    operator approves. Raise NotTheHandler, NotYourUnit, ReasonMissing, NotTransferable, TransferPending.
    """
    by, to_account = lock_accounts(by, to_account)
    locked = lock_courses(course.pk for course in courses)
    require_reason(reason, ReasonMissing)
    made = []
    for course in locked.values():
        if course.handler.user_id != by.user.pk and not may_oversee(by, course.unit):
            raise not_the_handler(by, course)
        refuse_impossible(course, to_account)
        made.append(create_request(course, to_account, by, reason.strip()))
    log.record_many(
        log.event(
            "transfer.offer",
            row,
            by=by,
            unit_id=to_account.unit_id,
            reason=row.reason,
            after={"to": to_account.number},
        )
        for row in made
    )
    transfer_notices.notify_offered(made, by)
    return made


def refuse_impossible(course: Course, to: BusinessAccount) -> None:
    """Raise NotTransferable."""
    if obstacle := why_not(course, to):
        raise NotTransferable(code=course.code, why=obstacle.label % {"number": to.number})


def create_request(course: Course, to: BusinessAccount, by: Actor, reason: str) -> TransferRequest:
    """Create a pending request with the four items of the letter as they are now. Raise TransferPending."""
    try:
        with transaction.atomic():
            return TransferRequest.objects.create(
                course=course,
                from_account=course.handler,
                to_account=to,
                stated_code=course.code,
                stated_title=course.title,
                stated_name=to.user.name,
                stated_account=to.number,
                reason=reason,
                requested_by=by.user,
                requested_at=clock.now(),
            )
    except IntegrityError:
        raise TransferPending(code=course.code) from None


@transaction.atomic
def withdraw(*, transfer: TransferRequest, by: Actor) -> TransferRequest:
    """Withdraw a pending request, as its requester; notify the colleague to whom it was offered. Raise TransferDecided."""
    lock_courses([transfer.course_id])
    lock_transfers([transfer.pk])
    changed = TransferRequest.objects.filter(
        pk=transfer.pk, requested_by=by.user, state=TransferState.PENDING
    ).update(state=TransferState.CANCELLED, decided_at=clock.now(), decided_by=by.user)
    transfer.refresh_from_db()
    if not changed:
        raise TransferDecided(state=transfer.get_state_display())
    log.record("transfer.take_back", transfer, by=by, unit_id=transfer.to_account.unit_id)
    transfer_notices.notify_ended([transfer], by)
    return transfer


def end_pending(*, course: Course, by: Actor, at: datetime | None = None) -> list[TransferRequest]:
    """End the pending request of a course that is closed or withdrawn; notify the requester and the colleague.

    Called inside the action's transaction, with the course locked.
    """
    pending = course.transfers.filter(state=TransferState.PENDING)
    rows = lock_transfers(pending.values_list("pk", flat=True))
    for row in rows:
        note_decision(row, TransferState.ENDED, by, at)
    log.record_many(
        log.event("transfer.end", row, by=by, unit_id=row.to_account.unit_id, subjects=[row.requested_by_id])
        for row in rows
    )
    transfer_notices.notify_ended(rows, by)
    return rows


def note_decision(row: TransferRequest, state: TransferState, by: Actor, at: datetime | None) -> None:
    """Decide a pending request by compare-and-swap. Raise TransferDecided."""
    changed = TransferRequest.objects.filter(pk=row.pk, state=TransferState.PENDING).update(
        state=state, refusal=row.refusal, decided_by=by.user, decided_at=at or clock.now()
    )
    if not changed:
        raise TransferDecided(state=TransferState(state).label)
    row.state = state


def lock_accounts(by: Actor, to_account: BusinessAccount) -> tuple[Actor, BusinessAccount]:
    """Lock the actor's account and the new one; return both as they are now."""
    by = lock_actor(by, accounts=[to_account.pk])
    return by, BusinessAccount.objects.select_related("user").get(pk=to_account.pk)
