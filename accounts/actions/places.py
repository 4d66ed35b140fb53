"""任職: a place of service begins, is corrected and ends; the business accounts of a place that ends end with it."""

from dataclasses import asdict, astuple, dataclass
from datetime import date, timedelta

from django.db import transaction

from accounts.acting import Actor
from accounts.actions import place_endings, place_notices, proposals, unit_rules
from accounts.enums import ProposalSource, UnitKind
from accounts.errors import (
    AlreadyServes,
    ChangedMeanwhile,
    MayNotKeepPlaces,
    PersonIsClosed,
    PlaceEnded,
    PlaceEndsBeforeStart,
    SubstituteNeedsLastDay,
)
from accounts.locks import lock_accounts, lock_actor, lock_operators, lock_person, share_unit
from accounts.models import Affiliation, BusinessAccount, Unit, User
from accounts.queries.titles import title_order
from accounts.rules import may_manage_roster
from audit import log
from audit.models import AuditEvent
from kit import clock
from kit.previews import mark_of
from kit.typed_texts import require_no_number
from notices import outbox


@dataclass(frozen=True)
class PlaceFacts:
    """What is written of a place of service. `since` empty: always; `until` empty: no end is known; `order` empty: by title."""

    title: str = ""
    post: str = ""
    order: int | None = None
    is_substitute: bool = False
    is_concurrent: bool = False
    since: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, place: Affiliation) -> "PlaceFacts":
        return cls(**{name: getattr(place, name) for name in FIELDS})


FIELDS = ("title", "post", "order", "is_substitute", "is_concurrent", "since", "until")


@transaction.atomic
def add_place(*, person: User, unit: Unit, facts: PlaceFacts, by: Actor | None) -> Affiliation:
    """Let a person serve at a unit, and notify the person. `by=None` is a command.

    Where the place is not concurrent, other units at which the person serves are offered to end theirs. Raise MayNotKeepPlaces,
    PersonIsClosed, UnitClosed, PlaceEndsBeforeStart, SubstituteNeedsLastDay, AlreadyServes.
    """
    unit, person = share_unit(unit), lock_person(person)
    by = lock_actor(by) if by else None
    _require_right(by, unit)
    return begin(person=person, unit=unit, facts=facts, by=by)


def begin(
    *, person: User, unit: Unit, facts: PlaceFacts, by: Actor | None, announce: bool = True
) -> Affiliation:
    """Save a place of a person who is locked, or new; the caller has checked the right. `announce`: notify the person.

    Raise PersonIsClosed, UnitClosed, PlaceEndsBeforeStart, SubstituteNeedsLastDay, AlreadyServes.
    """
    if person.closed_at:
        raise PersonIsClosed
    unit_rules.require_open_for(unit, facts.since, facts.until)
    refuse_bad_days(facts)
    place = Affiliation(user=person, unit=unit, rank=title_order().rank_of(facts.title), **asdict(facts))
    _refuse_overlap(place)
    place.save()
    event = log.record(
        "affiliation.added",
        place,
        by=by,
        unit_id=unit.pk,
        subjects=[person.pk],
        after=asdict(facts),
    )
    if announce:
        _notify(place_notices.added(place, by, event))
    proposals.settle([place], ends=False)
    propose_ends_elsewhere(place, by)
    return place


def is_beside_others(place: Affiliation | PlaceFacts) -> bool:
    """Return whether a place ends no other one of its person: a concurrent place, and one that is over when it is entered."""
    return place.is_concurrent or (place.until is not None and place.until < clock.today())


def propose_ends_elsewhere(place: Affiliation, by: Actor | None) -> None:
    """Let the other units decide whether the person has left them on the day before a place began, unless it is beside the others."""
    if is_beside_others(place):
        return
    first = place.since or clock.today()
    others = (
        Affiliation.objects.serving(on=first).filter(user_id=place.user_id).exclude(unit_id=place.unit_id)
    )
    days = [(row, first - timedelta(days=1)) for row in others.select_related("user", "unit")]
    began = [(row, day) for row, day in days if row.since is None or row.since <= day]
    proposals.propose_ends(began, source=ProposalSource.MOVE, by=by)


@transaction.atomic
def correct_place(
    *,
    place: Affiliation,
    facts: PlaceFacts,
    by: Actor | None,
    seen: str | None = None,
    confirmed: bool = False,
) -> Affiliation:
    """Change title, post, order, marks or days of a place, and notify the person of all but the order.

    An earlier last day ends the person's accounts at the unit with it. `seen`: the mark of what a page showed. `confirmed`: the actor
    was asked about the last lead or handler. Raise MayNotKeepPlaces, ChangedMeanwhile, PlaceEndsBeforeStart, SubstituteNeedsLastDay,
    AlreadyServes, PersonIsClosed, UnitClosed, LeavesUnitWithout, LastOperator.
    """
    place, accounts, by = _lock(place, by)
    _require_right(by, place.unit)
    if seen is not None and seen != mark(place):
        raise ChangedMeanwhile(name=place.user.name)
    refuse_bad_days(facts)
    before = PlaceFacts.of(place)
    if facts == before:
        return place
    for name in FIELDS:
        setattr(place, name, getattr(facts, name))
    if facts.title != before.title:
        place.rank = title_order().rank_of(facts.title)
    _refuse_overlap(place)
    _refuse_longer(place, before.until)
    event = _save(place, "affiliation.changed", before, by)
    if any(getattr(facts, name) != getattr(before, name) for name in FIELDS if name != "order"):
        _notify(place_notices.corrected(place, before.since, before.until, by, event))
    place_endings.follow(place, accounts, by=by, confirmed=confirmed)
    if facts.until is not None and facts.until != before.until:
        proposals.settle([place], ends=True)
    return place


@transaction.atomic
def end_place(
    *,
    place: Affiliation,
    by: Actor | None,
    last_day: date | None = None,
    reason: str = "",
    confirmed: bool = False,
) -> Affiliation:
    """End a place after `last_day` (default: yesterday), with the person's accounts at the unit; notify the person.

    The accounts' courses stay with them until they are transferred. `confirmed`: the actor was asked about the last lead or
    handler. Raise MayNotKeepPlaces, PlaceEnded, PlaceEndsBeforeStart, PersonIsClosed, UnitClosed, LeavesUnitWithout, LastOperator.
    """
    place, accounts, by = _lock(place, by)
    _require_right(by, place.unit)
    require_no_number(reason, field="reason")
    today = clock.today()
    if place.until is not None and place.until < today:
        raise PlaceEnded(day=place.until)
    before = PlaceFacts.of(place)
    place.until = last_day or max(today - timedelta(days=1), place.since or date.min)
    refuse_bad_days(PlaceFacts.of(place))
    _refuse_overlap(place)
    _refuse_longer(place, before.until)
    event = _save(place, "affiliation.ended", before, by, reason)
    ended = place_endings.follow(place, accounts, by=by, confirmed=confirmed, reason=reason)
    _notify(place_notices.ended(place, ended, reason, by, event))
    proposals.settle([place], ends=True)
    return place


def mark(place: Affiliation) -> str:
    """Return a mark of what is written of a place: the same as long as nobody changes it."""
    return mark_of("place", [place.pk, *astuple(PlaceFacts.of(place))])


def _lock(place: Affiliation, by: Actor | None) -> tuple[Affiliation, list[BusinessAccount], Actor | None]:
    """Lock the person of a place and the open accounts at its unit; return them and the place as they are now."""
    if place.unit.kind == UnitKind.OPERATOR:
        lock_operators()
    lock_person(place.user)
    held = BusinessAccount.objects.open().filter(user_id=place.user_id, unit_id=place.unit_id)
    accounts, by = lock_accounts(held.values_list("pk", flat=True), by)
    return Affiliation.objects.select_related("user", "unit__county").get(pk=place.pk), accounts, by


def _require_right(by: Actor | None, unit: Unit) -> None:
    if by and not may_manage_roster(by, unit):
        raise MayNotKeepPlaces


def refuse_bad_days(facts: PlaceFacts) -> None:
    """Raise PlaceEndsBeforeStart, SubstituteNeedsLastDay."""
    if facts.since and facts.until and facts.until < facts.since:
        raise PlaceEndsBeforeStart(start=facts.since)
    if facts.is_substitute and facts.until is None:
        raise SubstituteNeedsLastDay


def _refuse_overlap(place: Affiliation) -> None:
    same = Affiliation.objects.filter(user_id=place.user_id, unit_id=place.unit_id).exclude(pk=place.pk)
    other = same.overlapping(place.since, place.until).first()
    if other:
        raise AlreadyServes(place.user.name, place.unit.name, other.since, other.until)


def _refuse_longer(place: Affiliation, former: date | None) -> None:
    """Raise PersonIsClosed or UnitClosed where a place would last longer than it may begin: as a new one of its person at its unit."""
    if not lasts_longer(place.until, former):
        return
    if place.user.closed_at:
        raise PersonIsClosed
    unit_rules.require_open_for(place.unit, place.since, place.until)


def lasts_longer(until: date | None, former: date | None) -> bool:
    """Return whether a last day is later than the former one; None is no end."""
    return former is not None and (until is None or until > former)


def _notify(notice: outbox.NewNotice | None) -> None:
    if notice:
        outbox.write([notice])


def _save(place: Affiliation, act: str, before: PlaceFacts, by: Actor | None, reason: str = "") -> AuditEvent:
    place.note_end(before.until)
    place.save(update_fields=["rank", "end_entered_at", *FIELDS])
    old, new = asdict(before), asdict(PlaceFacts.of(place))
    changed = [name for name in FIELDS if old[name] != new[name]]
    return log.record(
        act,
        place,
        by=by,
        unit_id=place.unit_id,
        reason=reason,
        subjects=[place.user_id],
        before={name: old[name] for name in changed},
        after={name: new[name] for name in changed},
    )
