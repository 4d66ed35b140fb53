"""申請業務帳號: a person requests an own account; the unit's lead, the county or the operator decides."""

from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.acting import Actor
from accounts.actions import appointments, proofs, unit_rules
from accounts.enums import ROLES_AT_UNITS, RequestState, Role
from accounts.errors import (
    AlreadyAppointed,
    AlreadyAsked,
    AlreadyDecided,
    EndsBeforeStart,
    MayNotAppoint,
    ReasonNeeded,
    RoleNotHere,
)
from accounts.locks import lock_actor, lock_application, lock_person, share_unit
from accounts.models import AccountApplication, BusinessAccount, Proof, Unit, User
from accounts.queries.leads import MOST_TOLD
from accounts.rules import may_appoint, roles_at
from accounts.unit_pages import unit_page
from audit import log
from kit import clock
from kit.typed_texts import require_reason
from notices import outbox


@transaction.atomic
def apply(
    *,
    by: Actor,
    unit: Unit,
    role: str,
    reason: str,
    starts_on: date,
    ends_on: date | None = None,
    proof: "UploadedFile[Any] | None" = None,
) -> AccountApplication:
    """Request an own account and notify those who may decide.

    Raise ReasonNeeded, RoleNotHere, UnitClosed, EndsBeforeStart, AlreadyAppointed, AlreadyAsked, BadProof.
    """
    unit = share_unit(unit)
    lock_person(by.user)
    require_reason(reason, ReasonNeeded)
    if role not in roles_at(unit):
        raise RoleNotHere
    unit_rules.require_open(unit)
    if ends_on and ends_on < max(starts_on, clock.today()):
        raise EndsBeforeStart(start=max(starts_on, clock.today()), field="ends_on")
    held = BusinessAccount.objects.open().filter(user=by.user, unit=unit, role=role).first()
    if held:
        raise AlreadyAppointed(name=by.user.name, number=held.number)
    row = _create(by.user, unit, role, reason, starts_on, ends_on, proofs.store(proof, by.user))
    log.record("application.asked", row, by=by, unit_id=unit.pk, reason=row.reason, after={"role": role})
    outbox.write(
        outbox.NewNotice(
            kind="application_asked",
            to=person,
            about=f"application:{row.pk}",
            event="asked",
            path=unit_page("accounts:requests", row.unit_id),
            context={
                "name": by.user.name,
                "unit": unit.name,
                "role": Role(row.role).label,
                "reason": row.reason,
            },
        )
        for person in deciders(row)
    )
    return row


def _create(
    user: User, unit: Unit, role: str, reason: str, starts_on: date, ends_on: date | None, proof: Proof | None
) -> AccountApplication:
    try:
        with transaction.atomic():
            return AccountApplication.objects.create(
                user=user,
                unit=unit,
                role=role,
                reason=reason.strip(),
                starts_on=starts_on,
                ends_on=ends_on,
                proof=proof,
                requested_at=clock.now(),
            )
    except IntegrityError:
        raise AlreadyAsked from None


def deciders(row: AccountApplication) -> list[User]:
    """Return the people to notify of an application: the unit's leads; if there are none the county; else the operator."""
    active = BusinessAccount.objects.active().exclude(user=row.user).select_related("user").order_by("id")
    circles = [active.filter(role=Role.OPERATOR)]
    if row.role in ROLES_AT_UNITS:
        officers = active.filter(role=Role.COUNTY_OFFICER)
        county = row.unit.county_id
        officers = officers.none() if county is None else officers.filter(unit__county_id=county)
        circles = [active.filter(role=Role.UNIT_LEAD, unit=row.unit), officers, *circles]
    for circle in circles:
        if people := list({account.user for account in circle[:MOST_TOLD]}):
            return people
    return []


@transaction.atomic
def withdraw(*, application: AccountApplication, by: Actor) -> AccountApplication:
    """The applicant takes a waiting application back. Raise AlreadyDecided."""
    row = _lock_pending(application)
    if row.user_id != by.user.pk:
        raise MayNotAppoint
    _decide(row, RequestState.TAKEN_BACK, by)
    log.record("application.taken_back", row, by=by, unit_id=row.unit_id)
    return row


@transaction.atomic
def approve(*, application: AccountApplication, by: Actor) -> BusinessAccount:
    """Approve an application: the account begins on the requested day or today, with a new number.

    Raise MayNotAppoint, AlreadyDecided (of two deciders one wins), AlreadyAppointed, EndsBeforeStart.
    """
    share_unit(application.unit)
    lock_person(application.user)
    by = lock_actor(by)
    row = _lock_pending(application)
    # Appointing checks the right to it.
    account = appointments.appoint(
        user=row.user,
        unit=row.unit,
        role=row.role,
        by=by,
        valid_from=max(row.starts_on, clock.today()),
        valid_until=row.ends_on,
        announce=False,
    )
    row.account = account
    _decide(row, RequestState.APPROVED, by)
    log.record(
        "application.approved",
        row,
        by=by,
        unit_id=row.unit_id,
        subjects=[row.user_id],
        after={"account": account.number},
    )
    _answer("application_approved", row, by, number=account.number, start=account.valid_from)
    return account


@transaction.atomic
def refuse(*, application: AccountApplication, by: Actor, reason: str) -> AccountApplication:
    """Raise MayNotAppoint, ReasonNeeded, AlreadyDecided."""
    lock_person(application.user)
    by = lock_actor(by)
    row = _lock_pending(application)
    if not may_appoint(by, row.unit, row.role, row.user):
        raise MayNotAppoint
    require_reason(reason, ReasonNeeded)
    row.refusal = reason.strip()
    _decide(row, RequestState.REFUSED, by)
    log.record(
        "application.refused", row, by=by, unit_id=row.unit_id, reason=row.refusal, subjects=[row.user_id]
    )
    _answer("application_refused", row, by, reason=row.refusal)
    return row


def _lock_pending(application: AccountApplication) -> AccountApplication:
    row = lock_application(application)
    if row.state != RequestState.PENDING:
        raise AlreadyDecided(state=row.get_state_display())
    return row


def _decide(row: AccountApplication, state: RequestState, by: Actor) -> None:
    now = clock.now()
    row.state, row.decided_by, row.decided_at = state, by.user, now
    row.save()
    proofs.decided(row.proof, now)


def _answer(kind: str, row: AccountApplication, by: Actor, **facts: object) -> None:
    outbox.write(
        [
            outbox.NewNotice(
                kind=kind,
                to=row.user,
                about=f"application:{row.pk}",
                event="decided",
                path=reverse("accounts:mine"),
                context={"unit": row.unit.name, "role": Role(row.role).label, **facts},
                sent_by=by.person_label,
            )
        ]
    )
