"""A business account begins, is suspended and resumed, and ends. It is never handed over and never opened again."""

from datetime import date, timedelta

from django.db import transaction
from django.urls import reverse

from accounts.acting import Actor
from accounts.actions import last_in_charge, unit_rules
from accounts.actions.numbering import next_number
from accounts.change_signals import accounts_ended
from accounts.enums import Role
from accounts.errors import (
    AlreadyAppointed,
    AlreadyEnded,
    AlreadySuspended,
    EndsBeforeStart,
    LastOperator,
    MayNotAppoint,
    NeverProlonged,
    NotSuspended,
    PersonIsClosed,
    ReasonNeeded,
    RoleNotHere,
    ServesNoLonger,
)
from accounts.locks import lock_account, lock_actor, lock_operators, lock_person, share_unit
from accounts.models import BusinessAccount, Unit, User
from accounts.models.stored_reasons import shown
from accounts.queries.leads import leads_of_units
from accounts.queries.operators import days_left_without
from accounts.queries.places import last_day_at
from accounts.rules import may_appoint, may_oversee, may_stop, roles_at
from accounts.unit_pages import unit_page
from audit import log
from audit.models import AuditEvent
from kit import clock
from kit.typed_texts import require_no_number, require_reason
from notices import outbox


@transaction.atomic
def appoint(
    *,
    user: User,
    unit: Unit,
    role: str,
    by: Actor | None,
    valid_from: date | None = None,
    valid_until: date | None = None,
    announce: bool = True,
) -> BusinessAccount:
    """Give a person a new numbered account at a unit, and notify the person and the unit's leads. `by=None` is the import
    command.

    `announce` is false where the caller sends another notice (an approved application).

    Raise MayNotAppoint, RoleNotHere, UnitClosed, PersonIsClosed, EndsBeforeStart, ServesNoLonger, AlreadyAppointed (one open account per person, unit and role).
    """
    unit, user = share_unit(unit), lock_person(user)
    by = lock_actor(by) if by else None
    if by and not may_appoint(by, unit, role, user):
        raise MayNotAppoint
    if by and role not in roles_at(unit):
        raise RoleNotHere
    unit_rules.require_open(unit)
    if user.closed_at:
        raise PersonIsClosed
    start = valid_from or clock.today()
    if valid_until and valid_until < start:
        raise EndsBeforeStart(start=start)
    if by and valid_until and valid_until < clock.today():
        raise EndsBeforeStart(start=clock.today(), field="valid_until")
    valid_until = _within_service(user, unit, start, valid_until)
    held = BusinessAccount.objects.open().filter(user=user, unit=unit, role=role).first()
    if held:
        raise AlreadyAppointed(name=user.name, number=held.number)
    serial = next_number(f"account:{unit.code}")
    account = BusinessAccount.objects.create(
        number=f"{unit.code}-{serial:03d}",
        user=user,
        unit=unit,
        role=role,
        valid_from=start,
        valid_until=valid_until,
    )
    event = log.record(
        "account.appoint",
        account,
        by=by,
        unit_id=unit.pk,
        subjects=[user.pk],
        after={"role": role, "from": account.valid_from, "until": account.valid_until},
    )
    if announce:
        notify("account_given", account, by, event, **given(account))
    return account


def _within_service(user: User, unit: Unit, start: date, valid_until: date | None) -> date | None:
    """Return the last day of a new account: not after that of the person's service at the unit. Raise ServesNoLonger."""
    last = last_day_at(user.pk, unit.pk)
    if last and max(start, valid_until or start) > last:
        raise ServesNoLonger(name=user.name, day=last)
    return valid_until or last


def given(account: BusinessAccount) -> dict[str, object]:
    """Return the facts of the notice of a new account beside its number, person and unit."""
    return {
        "role": Role(account.role).label,
        "start": account.valid_from,
        "last_day": account.valid_until,
        "first_time": not account.user.has_usable_password(),
    }


@transaction.atomic
def end(
    *,
    account: BusinessAccount,
    by: Actor | None,
    last_day: date | None = None,
    reason: str = "",
    confirmed: bool = False,
) -> BusinessAccount:
    """End an account after `last_day` (default: yesterday, so it is powerless at once). Its courses stay until transferred.

    The nightly job carries out a last day in the future (`by=None`). The last day can only become earlier: to continue, a
    person needs a new appointment by another person. `confirmed`: the actor was asked about the last lead or handler.
    Raise MayNotAppoint, AlreadyEnded, EndsBeforeStart, NeverProlonged, LastOperator, LeavesUnitWithout.
    """
    account, by = _lock(account, by)
    if by and not may_stop(by, account):
        raise MayNotAppoint
    require_no_number(reason, field="reason")
    today = clock.today()
    _refuse_ended(account)
    day = last_day or max(today - timedelta(days=1), account.valid_from)
    if day < account.valid_from:
        raise EndsBeforeStart(start=account.valid_from)
    before = account.valid_until
    if before is not None and day > before:
        raise NeverProlonged(day=before)
    _refuse_last_operator(account, last_day if last_day and last_day >= today else None)
    if by and not confirmed:
        last_in_charge.ask(account.unit_id, [account], day)
    ended = _end(account, day, at_once=last_day is None or day < today, by=by, reason=reason)
    accounts_ended.send(sender=BusinessAccount, accounts=[ended])
    return ended


def end_with_place(account: BusinessAccount, last: date, *, by: Actor | None, reason: str) -> BusinessAccount:
    """End a locked account with its person's service at the unit, whose last day is `last`.

    No right over the account is needed: it follows from the place. The caller sends `accounts_ended` for all of them. Raise LastOperator.
    """
    at_once = last < clock.today() or last < account.valid_from
    _refuse_last_operator(account, None if at_once else last)
    return _end(account, max(last, account.valid_from), at_once=at_once, by=by, reason=reason)


def _end(
    account: BusinessAccount, day: date, *, at_once: bool, by: Actor | None, reason: str
) -> BusinessAccount:
    before = account.valid_until
    account.valid_until = day
    # An account that began today and ends today is powerless at once through this mark.
    account.ended_at = clock.now() if at_once else None
    account.save(update_fields=["valid_until", "ended_at"])
    event = log.record(
        "account.end",
        account,
        by=by,
        unit_id=account.unit_id,
        reason=reason,
        subjects=[account.user_id],
        before={"until": before},
        after={"until": day},
    )
    notify("account_ended", account, by, event, reason=shown(reason), day=day)
    return account


@transaction.atomic
def suspend(*, account: BusinessAccount, by: Actor | None, reason: str) -> BusinessAccount:
    """Put an account out of force without ending it; powerless at the next request. `by=None` is the nightly job.

    Raise MayNotAppoint, ReasonNeeded, AlreadyEnded, AlreadySuspended, LastOperator.
    """
    account, by = _lock(account, by)
    if by and not may_stop(by, account):
        raise MayNotAppoint
    require_reason(reason, ReasonNeeded)
    _refuse_ended(account)
    if account.suspended_at:
        raise AlreadySuspended(number=account.number)
    _refuse_last_operator(account, None)
    account.suspended_at, account.suspended_reason = clock.now(), reason.strip()[:300]
    account.save(update_fields=["suspended_at", "suspended_reason"])
    event = log.record(
        "account.suspend", account, by=by, unit_id=account.unit_id, reason=reason, subjects=[account.user_id]
    )
    notify("account_suspended", account, by, event, reason=shown(reason))
    return account


@transaction.atomic
def resume(*, account: BusinessAccount, by: Actor, reason: str) -> BusinessAccount:
    """Put a suspended account back in force, for the same person. Never by that person.

    Raise MayNotAppoint, ReasonNeeded, AlreadyEnded, NotSuspended.
    """
    account, now = lock_account(account, by)
    by = now or by
    if not may_oversee(by, account.unit) or by.user.pk == account.user_id or not _gives(by, account):
        raise MayNotAppoint
    require_reason(reason, ReasonNeeded)
    _refuse_ended(account)
    if not account.suspended_at:
        raise NotSuspended(number=account.number)
    account.suspended_at, account.suspended_reason, account.resumed_at = None, "", clock.now()
    account.save(update_fields=["suspended_at", "suspended_reason", "resumed_at"])
    event = log.record(
        "account.resume", account, by=by, unit_id=account.unit_id, reason=reason, subjects=[account.user_id]
    )
    notify("account_resumed", account, by, event, reason=shown(reason))
    return account


def _gives(by: Actor, account: BusinessAccount) -> bool:
    return may_appoint(by, account.unit, account.role, account.user)


def _lock(account: BusinessAccount, by: Actor | None) -> tuple[BusinessAccount, Actor | None]:
    """Lock an account that is to lose its power; operators one after the other, so that two do not end each other."""
    if account.role == Role.OPERATOR:
        lock_operators()
    return lock_account(account, by)


def _refuse_last_operator(account: BusinessAccount, until: date | None) -> None:
    if days_left_without(account, until, clock.today()):
        raise LastOperator


def _refuse_ended(account: BusinessAccount) -> None:
    if account.has_ended():
        raise AlreadyEnded(number=account.number)


def leads_of(unit_id: int, *, but: int | None = None) -> list[User]:
    """The people who hold the unit's lead today."""
    return [row.user for row in leads_of_units([unit_id]).get(unit_id, []) if row.user_id != but]


def notify(kind: str, account: BusinessAccount, by: Actor | None, event: AuditEvent, **facts: object) -> None:
    """Notify the person and the unit's leads."""
    people = {account.user, *leads_of(account.unit_id)} - ({by.user} if by else set())
    outbox.write(notice(kind, account, person, by, event, **facts) for person in people)


def notice(
    kind: str,
    account: BusinessAccount,
    person: User,
    by: Actor | None,
    event: AuditEvent,
    **facts: object,
) -> outbox.NewNotice:
    """A notice about an account to its person or to a lead."""
    return outbox.NewNotice(
        kind=kind,
        to=person,
        about=f"account:{account.pk}",
        event=event.pk,
        path=reverse("accounts:mine")
        if person == account.user
        else unit_page("accounts:unit", account.unit_id),
        context={
            "account": account.number,
            "name": account.user.name,
            "unit": account.unit.name,
            "own": person == account.user,
            **facts,
        },
        sent_by=by.person_label if by else "",
    )
