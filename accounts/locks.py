"""The locks of the accounts app, each held until the transaction ends.

A transaction takes its locks in this order, and rows of one kind by ascending primary key: import queue → own queue of a person → units → people → accounts → requests.
The course app's locks follow (`courses.locks`). A sequence's row (`numbers.next_numbers`) is taken after all of these.
"""

from collections.abc import Iterable
from typing import TypeVar, cast

from allauth.mfa.models import Authenticator

from accounts.acting import Actor
from accounts.enums import UnitKind
from accounts.errors import RequestForgotten
from accounts.errors.code_lists import EntryGone
from accounts.models import (
    AccountApplication,
    BusinessAccount,
    DayOff,
    IdentityChange,
    JoinRequest,
    Listed,
    PlaceProposal,
    Unit,
    UnitList,
    User,
)
from kit.locks import lock_rows, queue_alone, queue_is_mine, share_rows, try_row

Entry = TypeVar("Entry", bound=Listed)
IMPORTS = "imports of units and people"
PERSONS_OWN = "what a person has"


def try_import_queue() -> bool:
    """Take the queue of the imports if it is free; return whether it was. One import writes at a time."""
    return queue_is_mine(IMPORTS)


def lock_units(unit_ids: Iterable[int]) -> None:
    """Lock units. Enrolling and registering at them stay possible."""
    lock_rows(Unit, unit_ids)


def share_unit(unit: Unit) -> Unit:
    """Share a unit: it does not close, and is not merged, until what begins there is saved. Return it as it is now."""
    return share_units([unit.pk])[unit.pk]


def share_units(unit_ids: Iterable[int]) -> dict[int, Unit]:
    """Share units, as `share_unit`; return them as they are now, by primary key."""
    wanted = set(unit_ids)
    share_rows(Unit, wanted)
    return Unit.objects.select_related("county").in_bulk(wanted)


def queue_first_operator() -> None:
    """Wait until no other `setup` runs: a bare database has no row that could be locked."""
    queue_alone("first operator", 0)


def lock_operators() -> None:
    """Lock the operator's units: ending, suspending and counting operators happen one after the other."""
    lock_units(Unit.objects.filter(kind=UnitKind.OPERATOR).values_list("pk", flat=True))


def lock_person(person: User) -> User:
    """Lock a person: appointments and changes of identity of one person happen one after the other."""
    lock_rows(User, [person.pk])
    return User.objects.get(pk=person.pk)


def lock_people(person_ids: Iterable[int]) -> None:
    """Lock people, as `lock_person`."""
    lock_rows(User, person_ids)


def try_person(person_id: int) -> bool:
    """Lock a person, as `lock_person`, without waiting; return whether nobody else had the lock, such as a file in which thousands move."""
    return try_row(User, person_id)


def queue_person(person_id: int) -> None:
    """Wait until no other act runs that counts what this person has (keys, searches, look-ups). Other changes of the person go on."""
    queue_alone(PERSONS_OWN, person_id)


def lock_actor(by: Actor, *, accounts: Iterable[int] = ()) -> Actor:
    """Share the actor's business account, and `accounts`; return the actor with the account as it is now.

    An account that is being ended or suspended is waited for, so that the rights checked next hold until the act is saved. An actor
    whose person may no longer log in comes back without the account.
    """
    own = [by.account.pk] if by.account else []
    share_rows(BusinessAccount, [*own, *accounts])
    return _now(by)


def lock_accounts_of(unit_ids: Iterable[int], by: Actor) -> Actor:
    """Lock every account of units that has not ended, and the actor's own; return the actor as `lock_actor`.

    Who registers a course shares the own account: it is saved before the unit closes, or refused because the unit is closed.
    """
    rows = BusinessAccount.objects.filter(unit_id__in=list(unit_ids), ended_at=None)
    own = [by.account.pk] if by.account else []
    lock_rows(BusinessAccount, [*rows.values_list("pk", flat=True), *own])
    return _now(by)


def lock_account(account: BusinessAccount, by: Actor | None) -> tuple[BusinessAccount, Actor | None]:
    """Lock an account that is to change and share the actor's own, the smaller primary key first; return both as they are now."""
    own = by.account.pk if by and by.account else account.pk
    for pk in sorted({account.pk, own}):
        (lock_rows if pk == account.pk else share_rows)(BusinessAccount, [pk])
    related = BusinessAccount.objects.select_related("unit__county", "user")
    return related.get(pk=account.pk), _now(by) if by else None


def lock_accounts(account_ids: Iterable[int], by: Actor | None) -> tuple[list[BusinessAccount], Actor | None]:
    """Lock the accounts that end with a place of service and share the actor's own, by ascending primary key; return all as they are now."""
    wanted = set(account_ids)
    own = {by.account.pk} if by and by.account else set()
    for pk in sorted(wanted | own):
        (lock_rows if pk in wanted else share_rows)(BusinessAccount, [pk])
    related = BusinessAccount.objects.select_related("unit__county", "user")
    return list(related.filter(pk__in=wanted).order_by("pk")), _now(by) if by else None


def _now(by: Actor) -> Actor:
    if by.account is None:
        return by
    account = BusinessAccount.objects.select_related("unit__county", "user").get(pk=by.account.pk)
    return Actor(by.user, account if account.user.is_active else None)


def lock_application(application: AccountApplication) -> AccountApplication:
    """Lock an application for an account; return it as it is now."""
    lock_rows(AccountApplication, [application.pk])
    return AccountApplication.objects.select_related("user", "unit").get(pk=application.pk)


def lock_proposal(proposal: PlaceProposal) -> PlaceProposal:
    """Lock a proposed place of service; return it as it is now."""
    lock_rows(PlaceProposal, [proposal.pk])
    return PlaceProposal.objects.select_related("person", "unit__county").get(pk=proposal.pk)


def lock_identity_change(change: IdentityChange) -> IdentityChange:
    """Lock a request for another name or e-mail; return it as it is now."""
    lock_rows(IdentityChange, [change.pk])
    return IdentityChange.objects.select_related("user").get(pk=change.pk)


def lock_join_request(request: JoinRequest) -> JoinRequest:
    """Lock a request to be entered at a unit; return it as it is now. Raise RequestForgotten (deleted for its age meanwhile)."""
    lock_rows(JoinRequest, [request.pk])
    found = JoinRequest.objects.select_related("unit__county").filter(pk=request.pk).first()
    if found is None:
        raise RequestForgotten
    return found


def lock_unit_list(unit_list: UnitList) -> None:
    """Lock a list of units that was compared: its differences are decided one after the other."""
    lock_rows(UnitList, [unit_list.pk])


def lock_authenticator(pk: int) -> Authenticator | None:
    """Lock a second factor, with no other lock; None when it has been taken off meanwhile."""
    lock_rows(Authenticator, [pk])
    return Authenticator.objects.filter(pk=pk).first()


def lock_day_off(row: DayOff) -> DayOff:
    """Lock a day off; return it as it is now."""
    lock_rows(DayOff, [row.pk])
    return DayOff.objects.get(pk=row.pk)


def lock_entry(row: Entry) -> Entry:
    """Lock an entry of a list that people choose from; return it as it is now. Raise EntryGone (deleted meanwhile)."""
    lock_rows(type(row), [row.pk])
    found = type(row)._default_manager.filter(pk=row.pk).first()
    if found is None:
        raise EntryGone
    return cast(Entry, found)
