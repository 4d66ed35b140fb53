"""The operator decides about requests for a transfer, or moves courses directly."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts.acting import Actor
from accounts.locks import lock_actor
from accounts.models import BusinessAccount
from audit import log
from courses.actions import contacts, lights, transfer_notices
from courses.actions.transfers import create_request, lock_accounts, note_decision, refuse_impossible
from courses.change_signals import announce_changed
from courses.enums import TransferObstacle, TransferState
from courses.errors import NotTransferable, ReasonMissing, TransferDecided
from courses.locks import lock_courses, lock_transfers
from courses.models import Course, TransferRequest
from courses.rules import require_operator
from kit.typed_texts import require_reason


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
        refuse_impossible(course, row.to_account)
        note_decision(row, TransferState.APPROVED, by, at)
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
    require_reason(reason, ReasonMissing)
    _refuse_decided(rows)
    for row in rows:
        row.refusal = reason.strip()
        note_decision(row, TransferState.REFUSED, by, at)
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
    courses: Collection[Course],
    by: Actor,
    reason: str,
    at: datetime | None = None,
) -> list[TransferRequest]:
    """The operator moves the unclosed courses and drafts of an account to another of the same unit.

    `courses` are those that the operator was shown: one that the account registered meanwhile stays, as one that was closed or
    moved meanwhile does. Raise OnlyOperator, ReasonMissing, NotTransferable, CourseGone.
    """
    by, to_account = lock_accounts(by, to_account)
    locked = lock_courses(course.pk for course in courses).values()
    left = [course for course in locked if course.is_changeable and course.handler_id == from_account.pk]
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
    require_reason(reason, ReasonMissing)
    accounts = BusinessAccount.objects.select_related("user").in_bulk(new_accounts)
    rows = []
    for course_row, account_row in sorted(pairs, key=lambda pair: pair[0].pk):
        course, to_account = courses[course_row.pk], accounts[account_row.pk]
        refuse_impossible(course, to_account)
        row = course.transfers.filter(state=TransferState.PENDING, to_account=to_account).first()
        row = row or create_request(course, to_account, by, reason.strip())
        note_decision(row, TransferState.APPROVED, by, at)
        _move(course, to_account, by, reason)
        rows.append(row)
    _finish(rows, by, "transfer_approved", at)
    return rows


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


def _move(course: Course, to: BusinessAccount, by: Actor, reason: str) -> None:
    contact = contacts.handed_over(course, course.handler.user, to)
    # The second handler becomes the handler.
    rest = {"co_handler": None} if course.co_handler_id == to.pk else {}
    held = Course.objects.transferable().filter(pk=course.pk, handler_id=course.handler_id)
    changed = held.update(handler=to, version=F("version") + 1, **contact, **rest)
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
        announce_changed(row.course for row in rows)
    transfer_notices.notify_decided(rows, by, kind, both=True)
