"""A unit closes, opens again, or is merged into other units or split among them.

Closed courses keep their unit for ever. Unclosed ones move to new appointments at a successor and count for its light from that day; business
accounts are never handed over: they end, and their people are newly appointed.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F

from accounts.acting import Actor
from accounts.actions import appointments, proposals, unit_requests, unit_rules
from accounts.enums import UNIT_ROLES
from accounts.errors import (
    ChangedMeanwhile,
    ClosesAhead,
    ClosesBeforeStart,
    NotOwnUnit,
    ReasonNeeded,
    SuccessorNeeded,
    UnitNotClosed,
)
from accounts.locks import lock_accounts_of, lock_people, lock_units
from accounts.models import Affiliation, BusinessAccount, Unit, UnitSuccessor, User
from accounts.unit_pages import unit_page
from audit import log
from courses.actions import (
    audiences,
    campaign_notices,
    contacts,
    lights,
    transfer_notices,
    transfers,
    unit_staff,
)
from courses.actions.search_index import add_unit_names
from courses.change_signals import announce_changed
from courses.enums import CourseState, TransferState
from courses.errors import NoReceiver, RegisteredAfterwards
from courses.locks import lock_courses
from courses.models import Course, TransferRequest
from courses.queries.unit_life import Left, closed_with_requests, left_at, places_moving
from kit import clock
from kit.one_by_one import one_by_one
from kit.previews import mark_of
from kit.typed_texts import require_reason
from notices import outbox
from signin.actions import join_requests

logger = logging.getLogger(__name__)

# A person at a successor: primary keys of the person and of the unit.
Receiver = tuple[int, int]


@dataclass(frozen=True)
class Step:
    """What becomes of one account: the successor at which its person is newly appointed (None: nowhere), and who takes its courses."""

    to: Unit | None = None
    courses_to: Receiver | None = None


@transaction.atomic
def close(*, unit: Unit, last_day: date, successor: Unit | None, reason: str, by: Actor) -> Unit:
    """Close a unit after a last day, which may come: nothing new is registered afterwards, enrolments and closings go on.

    Raise MayNotKeepUnit, KindOfOperator, NotOwnUnit, ReasonNeeded, ClosesBeforeStart, RegisteredAfterwards, SuccessorNeeded, UnitClosed
    (the successor).
    """
    unit, by = _lock(unit, [successor] if successor else [], by)
    _refuse_unready(unit, last_day, reason)
    if successor:
        _refuse_successors(unit, [successor], last_day)
    _name_successors(unit, [successor] if successor else [], since=last_day + timedelta(days=1))
    unit.until = last_day
    unit.save(update_fields=["until"])
    if unit.has_closed():
        end_requests(unit, by=by, reason=reason)
    after = {"until": last_day, "successor": str(successor or "")}
    event = log.record("unit.closed", unit, by=by, unit_id=unit.pk, reason=reason, after=after)
    people = BusinessAccount.objects.active().of_unit(unit.pk).exclude(user=by.user).select_related("user")
    pages: dict[User, str] = {}
    for account in people.order_by("id"):
        # The unit's home page is for those who have to do with courses; others have a home of their own.
        if account.role in UNIT_ROLES or account.user not in pages:
            pages[account.user] = "courses:unit_home" if account.role in UNIT_ROLES else "home"
    outbox.write(
        outbox.NewNotice(
            kind="unit_closed",
            to=user,
            about=f"unit:{unit.pk}",
            event=event.pk,
            path=unit_page(page, unit.pk),
            context={
                "unit": unit.name,
                "day": last_day,
                "successor": successor.name if successor else "",
                "reason": reason.strip(),
            },
            sent_by=by.person_label,
        )
        for user, page in pages.items()
    )
    return unit


def end_requests(unit: Unit, *, by: Actor | None, reason: str) -> int:
    """End what waits at a unit that has closed and is locked: offered places, applications, requests to be entered, proposals.

    Their people and those who keep the staff list are notified. Return how many there were.
    """
    settled = unit_requests.settle(unit, by=by, reason=reason)
    settled.proposals = proposals.settle_unit(unit, by=by)
    settled.joins = join_requests.end_at_closed(unit, by=by, reason=reason)
    unit_requests.notify_keepers(unit, settled, by=by)
    return settled.total


def end_requests_each_night() -> int:
    """End what waits at units whose last day has passed since, unit by unit; return how many requests. Safe to run twice."""
    ended = 0
    with one_by_one(logger, "requests at closed units could not be ended") as turn:
        for pk in closed_with_requests():
            with turn(f"unit {pk}"):
                ended += _end_requests_of(pk)
    return ended


@transaction.atomic
def _end_requests_of(unit_id: int) -> int:
    lock_units([unit_id])
    return end_requests(Unit.objects.get(pk=unit_id), by=None, reason="")


@transaction.atomic
def reopen(*, unit: Unit, reason: str, by: Actor) -> Unit:
    """Open a closed unit again; accounts that have ended stay ended. Raise MayNotKeepUnit, ReasonNeeded, UnitNotClosed."""
    unit, by = _lock(unit, [], by)
    require_reason(reason, ReasonNeeded)
    if unit.until is None:
        raise UnitNotClosed
    before = {"until": unit.until, "successors": [str(row.successor) for row in _successions(unit)]}
    unit.successions.all().delete()
    unit.until = None
    unit.save(update_fields=["until"])
    log.record("unit.reopened", unit, by=by, unit_id=unit.pk, reason=reason, before=before)
    return unit


@transaction.atomic
def dissolve(
    *,
    unit: Unit,
    successors: Sequence[Unit],
    steps: Mapping[int, Step],
    last_day: date,
    reason: str,
    seen: str,
    by: Actor,
    people_to: Unit | None = None,
) -> list[TransferRequest]:
    """Merge a unit into one successor, or split it among several; `steps` by the primary key of the account. All or nothing.

    The people who serve at the unit go on at the successor of their new account, the others at `people_to`; without it the staff
    list stays as it is.
    `seen` is the mark of the plan and of what was left at the unit when its effect was shown. Raise what `close` raises, and ClosesAhead, ChangedMeanwhile,
    MayNotAppoint, RoleNotHere, NoReceiver.
    """
    people = [
        *_people_of(unit),
        *(user for step in steps.values() if step.courses_to for user in step.courses_to[:1]),
    ]
    unit, by = _lock(unit, successors, by, people)
    _refuse_unready(unit, last_day, reason)
    if last_day > clock.today():
        raise ClosesAhead
    _refuse_successors(unit, successors, last_day)
    left = left_at(unit)
    if seen != mark(unit, left, steps, people_to):
        raise ChangedMeanwhile(name=unit.name)
    # Before the appointments, which last no longer than the service.
    places = places_moving(left, follows(left, steps), people_to)
    people_moved = unit_staff.move(places, last_day=last_day, by=by)
    unit.until = last_day
    unit.save(update_fields=["until"])
    _name_successors(unit, successors, since=clock.today())
    end_requests(unit, by=by, reason=reason)
    _appoint_anew(left, steps, by)
    pairs = _pairs(left, steps)
    # Before the accounts end: of what moves nobody is to be notified as left behind.
    rows = _move(pairs, by, reason)
    for account in left.open_accounts:
        appointments.end(account=account, by=by, reason=reason, confirmed=True)
    years = {course.year for course, _to in pairs}
    lights.follow(unit_ids=[unit.pk, *(row.pk for row in successors)], years=years, cause="merger")
    campaign_notices.leave(unit=unit, moved=pairs)
    after = {
        "until": last_day,
        "successors": [str(row) for row in successors],
        "courses": len(rows),
        "accounts": len(left.open_accounts),
        "people": people_moved,
    }
    log.record("unit.dissolved", unit, by=by, unit_id=unit.pk, reason=reason, after=after)
    transfer_notices.notify_decided(rows, by, "transfer_approved", both=True)
    return rows


def follows(left: Left, steps: Mapping[int, Step]) -> dict[int, Unit]:
    """Return the successors at which people are newly appointed, by the primary key of the person."""
    pairs = [(account.user_id, steps[account.pk].to) for account in left.open_accounts if account.pk in steps]
    return {user_id: to for user_id, to in pairs if to}


def mark(unit: Unit, left: Left, steps: Mapping[int, Step], people_to: Unit | None = None) -> str:
    """Return a mark of what is left at a unit and of a plan: another course, account, place or step gives another one."""
    accounts = [(row.account.pk, row.is_open, [course.pk for course in row.courses]) for row in left.accounts]
    plan = [(pk, step.to.pk if step.to else None, step.courses_to) for pk, step in sorted(steps.items())]
    places = [(place.pk, place.until) for place in left.places] if people_to else []
    people = [people_to.pk if people_to else None, *sorted(places)]
    return mark_of("unit_life", [unit.pk, unit.until, *accounts, *plan, *people])


def _people_of(unit: Unit) -> list[int]:
    """Return who holds an account of the unit or serves there."""
    holders = BusinessAccount.objects.open().of_unit(unit.pk).values_list("user_id", flat=True)
    serving = Affiliation.objects.serving_or_to_come().filter(unit=unit).values_list("user_id", flat=True)
    return [*holders, *serving]


def _lock(unit: Unit, others: Sequence[Unit], by: Actor, people: Sequence[int] = ()) -> tuple[Unit, Actor]:
    """Lock the units, people and every account of the units; check the right to keep each unit."""
    lock_units([unit.pk, *(other.pk for other in others)])
    if people:
        lock_people(people)
    by = lock_accounts_of([unit.pk, *(other.pk for other in others)], by)
    unit = Unit.objects.select_related("county").get(pk=unit.pk)
    for one in [unit, *others]:
        unit_rules.require_keeper(by, one.county_id)
        unit_rules.require_kind(by, one.kind)
    if by.unit_id == unit.pk:
        raise NotOwnUnit
    return unit, by


def _refuse_unready(unit: Unit, last_day: date, reason: str) -> None:
    require_reason(reason, ReasonNeeded)
    if unit.since and last_day < unit.since:
        raise ClosesBeforeStart(start=unit.since)
    late = Course.objects.of_unit(unit.pk).exclude(state=CourseState.DRAFT)
    found = late.filter(registered_at__gte=clock.end_of_day(last_day)).order_by("-registered_at").first()
    if found and found.registered_at:
        raise RegisteredAfterwards(code=found.code, day=clock.day_of(found.registered_at))


def _refuse_successors(unit: Unit, successors: Sequence[Unit], last_day: date) -> None:
    """Raise UnitClosed for a successor that has closed, or will have when it is to follow."""
    if not successors or unit in successors:
        raise SuccessorNeeded
    for successor in successors:
        unit_rules.require_open(Unit.objects.get(pk=successor.pk), last_day + timedelta(days=1))


def _name_successors(unit: Unit, successors: Sequence[Unit], *, since: date) -> None:
    """Let these units follow, and none that an earlier closing named."""
    unit.successions.exclude(successor__in=successors).delete()
    for successor in successors:
        UnitSuccessor.objects.update_or_create(unit=unit, successor=successor, defaults={"since": since})
    audiences.follow_successors(unit, successors)


def _successions(unit: Unit) -> list[UnitSuccessor]:
    return list(unit.successions.select_related("successor"))


def _appoint_anew(left: Left, steps: Mapping[int, Step], by: Actor) -> None:
    """Appoint the people of open accounts at their successors, in the same role, where they have no such account yet."""
    for account in left.open_accounts:
        to = steps[account.pk].to if account.pk in steps else None
        if to is None:
            continue
        held = BusinessAccount.objects.open().filter(user=account.user, unit=to, role=account.role)
        if not held.exists():
            appointments.appoint(user=account.user, unit=to, role=account.role, by=by)


def _pairs(left: Left, steps: Mapping[int, Step]) -> list[tuple[Course, BusinessAccount]]:
    """Return each course with the account that takes it. Raise NoReceiver."""
    pairs = []
    for row in left.accounts:
        if not row.courses:
            continue
        receiver = steps[row.account.pk].courses_to if row.account.pk in steps else None
        to = _account_of(receiver) if receiver else None
        if to is None or to.unit_id == row.account.unit_id:
            raise NoReceiver(name=row.account.user.name)
        pairs += [(course, to) for course in row.courses]
    return sorted(pairs, key=lambda pair: pair[0].pk)


def _account_of(receiver: Receiver) -> BusinessAccount | None:
    user_id, unit_id = receiver
    rows = BusinessAccount.objects.active().filter(user_id=user_id, unit_id=unit_id, role__in=UNIT_ROLES)
    return rows.select_related("user", "unit").order_by("role", "pk").first()


def _move(pairs: Sequence[tuple[Course, BusinessAccount]], by: Actor, reason: str) -> list[TransferRequest]:
    """Move courses to accounts of another unit, each with an approved transfer; a pending request ends."""
    courses = lock_courses(course.pk for course, _to in pairs)
    rows = []
    for known, to in pairs:
        course = courses[known.pk]
        if not course.is_changeable or course.handler_id != known.handler_id:
            raise ChangedMeanwhile(name=course.title)
        transfers.end_pending(course=course, by=by)
        row = transfers.create_request(course, to, by, reason.strip())
        transfers.note_decision(row, TransferState.APPROVED, by, None)
        _hand_over(course, to, by, reason)
        rows.append(row)
    units = {to.unit for _course, to in pairs}
    if units:
        add_unit_names(sender=Unit, units=units)
        announce_changed(courses.values())
    return rows


def _hand_over(course: Course, to: BusinessAccount, by: Actor, reason: str) -> None:
    contact = contacts.handed_over(course, course.handler.user, to)
    Course.objects.filter(pk=course.pk).update(
        handler=to, co_handler=None, unit=to.unit, version=F("version") + 1, **contact
    )
    kept = {name: getattr(course, name) for name in contact}
    log.record(
        "course.transfer",
        course,
        by=by,
        unit_id=course.unit_id,
        reason=reason,
        before={"handler": course.handler.number, "unit": str(course.unit)} | kept,
        after={"handler": to.number, "unit": str(to.unit)} | contact,
    )
    course.handler, course.unit = to, to.unit
