"""課程移轉: courses move between personal business accounts; accounts never move between people (letter, point 5)."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.acting import Actor
from accounts.locks import lock_actor
from accounts.models import BusinessAccount
from accounts.rules import may_oversee
from audit import log
from courses.actions import contacts, lights, transfer_notices
from courses.enums import TransferObstacle, TransferState
from courses.errors import NotTransferable, NotYourUnit, ReasonMissing, TransferDecided, TransferPending
from courses.locks import lock_courses, lock_transfers
from courses.models import Course, TransferRequest
from courses.queries.transfers import why_not
from courses.rules import not_the_handler, require_operator, require_unit_hat
from kit import clock


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
    if not reason.strip():
        raise ReasonMissing
    made = []
    for course in locked.values():
        _refuse_impossible(course, account)
        made.append(_create(course, account, by, reason.strip()))
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
    by, to_account = _lock_accounts(by, to_account)
    locked = lock_courses(course.pk for course in courses)
    if not reason.strip():
        raise ReasonMissing
    made = []
    for course in locked.values():
        if course.handler.user_id != by.user.pk and not may_oversee(by, course.unit):
            raise not_the_handler(by, course)
        _refuse_impossible(course, to_account)
        made.append(_create(course, to_account, by, reason.strip()))
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


def _refuse_impossible(course: Course, to: BusinessAccount) -> None:
    if obstacle := why_not(course, to):
        raise NotTransferable(code=course.code, why=obstacle.label % {"number": to.number})


def _create(course: Course, to: BusinessAccount, by: Actor, reason: str) -> TransferRequest:
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
        _decide(row, TransferState.ENDED, by, at)
    log.record_many(
        log.event("transfer.end", row, by=by, unit_id=row.to_account.unit_id, subjects=[row.requested_by_id])
        for row in rows
    )
    transfer_notices.notify_ended(rows, by)
    return rows


@transaction.atomic
def approve(
    *, transfers: Sequence[TransferRequest], by: Actor, at: datetime | None = None
) -> list[TransferRequest]:
    """The operator approves requests, all or none; the old handler loses the courses in the same transaction.

    Raise OnlyOperator, TransferDecided (also when two operators click at once: one wins), NotTransferable (meanwhile closed,
    withdrawn or moved, or the new account has ended).
    """
    by, courses, rows = _lock_requests(transfers, by)
    require_operator(by)
    _refuse_decided(rows)
    for row in rows:
        course = courses[row.course_id]
        if course.handler_id != row.from_account_id:
            raise NotTransferable(code=course.code, why=TransferObstacle.MOVED.label)
        _refuse_impossible(course, row.to_account)
        _decide(row, TransferState.APPROVED, by, at)
        _move(course, row.to_account, by, row.reason)
    _finish(rows, by, "transfer_approved", at)
    return rows


@transaction.atomic
def refuse(
    *, transfers: Sequence[TransferRequest], by: Actor, reason: str, at: datetime | None = None
) -> list[TransferRequest]:
    """The operator refuses requests with a reason. Raise OnlyOperator, ReasonMissing, TransferDecided."""
    by, _courses, rows = _lock_requests(transfers, by)
    require_operator(by)
    if not reason.strip():
        raise ReasonMissing
    _refuse_decided(rows)
    for row in rows:
        row.refusal = reason.strip()
        _decide(row, TransferState.REFUSED, by, at)
    log.record_many(
        log.event("transfer.refuse", row, by=by, unit_id=row.to_account.unit_id, reason=row.refusal)
        for row in rows
    )
    transfer_notices.notify_decided(rows, by, "transfer_refused", both=False)
    return rows


@transaction.atomic
def move_all(
    *,
    from_account: BusinessAccount,
    to_account: BusinessAccount,
    by: Actor,
    reason: str,
    at: datetime | None = None,
) -> list[TransferRequest]:
    """The operator moves every unclosed course and draft of an account to another of the same unit.

    Raise OnlyOperator, ReasonMissing, NotTransferable.
    """
    by, to_account = _lock_accounts(by, to_account)
    wanted = Course.objects.transferable().filter(handler=from_account).values_list("pk", flat=True)
    # Looked at again under the lock: what was closed or moved meanwhile stays where it is.
    locked = lock_courses(wanted).values()
    left = [course for course in locked if course.is_transferable and course.handler_id == from_account.pk]
    return move_courses(pairs=[(course, to_account) for course in left], by=by, reason=reason, at=at)


@transaction.atomic
def move_courses(
    *, pairs: Sequence[tuple[Course, BusinessAccount]], by: Actor, reason: str, at: datetime | None = None
) -> list[TransferRequest]:
    """Move courses directly, as the operator (a table pasted from an e-mail, the rest of an account); all or none.

    A pending request for the same course and account is approved by it; one for another account is refused. Raise OnlyOperator,
    ReasonMissing, NotTransferable, TransferPending.
    """
    new_accounts = {to_account.pk for _course, to_account in pairs}
    by = lock_actor(by, accounts=new_accounts)
    courses = lock_courses(course.pk for course, _to_account in pairs)
    require_operator(by)
    if not reason.strip():
        raise ReasonMissing
    accounts = BusinessAccount.objects.select_related("user").in_bulk(new_accounts)
    rows = []
    for course_row, account_row in sorted(pairs, key=lambda pair: pair[0].pk):
        course, to_account = courses[course_row.pk], accounts[account_row.pk]
        _refuse_impossible(course, to_account)
        row = course.transfers.filter(state=TransferState.PENDING, to_account=to_account).first()
        row = row or _create(course, to_account, by, reason.strip())
        _decide(row, TransferState.APPROVED, by, at)
        _move(course, to_account, by, reason)
        rows.append(row)
    _finish(rows, by, "transfer_approved", at)
    return rows


def _lock_accounts(by: Actor, to_account: BusinessAccount) -> tuple[Actor, BusinessAccount]:
    by = lock_actor(by, accounts=[to_account.pk])
    return by, BusinessAccount.objects.select_related("user").get(pk=to_account.pk)


def _lock_requests(
    transfers: Sequence[TransferRequest], by: Actor
) -> tuple[Actor, dict[int, Course], list[TransferRequest]]:
    """Lock the accounts, the courses and the requests, in that order."""
    by = lock_actor(by, accounts=[row.to_account_id for row in transfers])
    courses = lock_courses(row.course_id for row in transfers)
    return by, courses, lock_transfers(row.pk for row in transfers)


def _refuse_decided(rows: Sequence[TransferRequest]) -> None:
    for row in rows:
        if row.state != TransferState.PENDING:
            raise TransferDecided(state=row.get_state_display())


def _decide(row: TransferRequest, state: TransferState, by: Actor, at: datetime | None) -> None:
    changed = TransferRequest.objects.filter(pk=row.pk, state=TransferState.PENDING).update(
        state=state, refusal=row.refusal, decided_by=by.user, decided_at=at or clock.now()
    )
    if not changed:
        raise TransferDecided(state=TransferState(state).label)
    row.state = state


def _move(course: Course, to: BusinessAccount, by: Actor, reason: str) -> None:
    contact = contacts.handed_over(course, course.handler.user, to)
    held = Course.objects.transferable().filter(pk=course.pk, handler_id=course.handler_id)
    changed = held.update(handler=to, version=F("version") + 1, **contact)
    if not changed:
        raise NotTransferable(code=course.code, why=TransferObstacle.MOVED.label)
    log.record(
        "course.transfer",
        course,
        by=by,
        unit_id=course.unit_id,
        reason=reason,
        before={"handler": course.handler.number} | {name: getattr(course, name) for name in contact},
        after={"handler": to.number} | contact,
    )


def _finish(rows: list[TransferRequest], by: Actor, kind: str, at: datetime | None) -> None:
    if rows:
        units, years = {row.to_account.unit_id for row in rows}, {row.course.year for row in rows}
        lights.follow(unit_ids=units, years=years, at=at, cause="transfer")
    transfer_notices.notify_decided(rows, by, kind, both=True)
