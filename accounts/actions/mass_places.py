"""Places of service of many people at once, with their record: what files add, correct and end."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date

from accounts.acting import Actor
from accounts.actions import place_endings, place_notices, proposals
from accounts.actions.places import FIELDS, PlaceFacts
from accounts.errors import MayNotKeepPlaces
from accounts.locks import lock_accounts
from accounts.models import Affiliation, BusinessAccount
from accounts.queries.places import last_days
from audit import log
from audit.models import AuditEvent
from kit import clock
from kit.batches import batches
from notices import outbox

AT_ONCE = 500
# With more different changes than these, one statement with a case for each row is cheaper.
MOST_ALIKE = 20


def add(
    rows: Sequence[Affiliation], *, new_people: Collection[int], by: Actor | None, notify: bool = False
) -> None:
    """Save new places of service, and `notify` their people. The event of each of `new_people`, who came with them, names the unit."""
    Affiliation.objects.bulk_create(rows, batch_size=1000)
    known = [row for row in rows if row.user_id not in new_people]
    events = log.record_many(
        log.event(
            "affiliation.added",
            row,
            by=by,
            unit_id=row.unit_id,
            subjects=[row.user_id],
            after={"title": row.title, "since": row.since, "until": row.until},
        )
        for row in known
    )
    if notify:
        notices = (place_notices.added(row, by, event) for row, event in zip(known, events, strict=True))
        outbox.write(filter(None, notices))
    proposals.settle(known, ends=False)


def retitle(rows: Sequence[tuple[Affiliation, str]], *, by: Actor | None) -> None:
    """Save other titles of places of service. Each comes with its title so far; another rank alone is not recorded."""
    Affiliation.objects.bulk_update([row for row, _former in rows], ["title", "rank"], batch_size=200)
    log.record_many(
        log.event(
            "affiliation.changed",
            row,
            by=by,
            unit_id=row.unit_id,
            subjects=[row.user_id],
            before={"title": former},
            after={"title": row.title},
        )
        for row, former in rows
        if row.title != former
    )


def correct(rows: Sequence[tuple[Affiliation, PlaceFacts]], *, by: Actor | None) -> None:
    """Save changed places of service, each with what was written of it so far, and notify their people of all but the order."""
    _save(rows)
    notices = []
    for piece in batches(rows, AT_ONCE):
        events = log.record_many(_change("affiliation.changed", row, former, by) for row, former in piece)
        notices += [
            place_notices.corrected(row, former.since, former.until, by, event)
            for (row, former), event in zip(piece, events, strict=True)
            if set(_changed(row, former)) - {"order"}
        ]
    outbox.write(filter(None, notices))


def end(rows: Sequence[tuple[Affiliation, PlaceFacts]], *, by: Actor | None) -> None:
    """Save places of service that have got a last day, and notify their people."""
    _save(rows)
    for piece in batches(rows, AT_ONCE):
        events = log.record_many(_change("affiliation.ended", row, former, by) for row, former in piece)
        notices = [
            place_notices.ended(row, [], "", by, event)
            for (row, _former), event in zip(piece, events, strict=True)
        ]
        outbox.write(filter(None, notices))
    proposals.settle([row for row, _former in rows], ends=True)


def end_accounts(
    places: Sequence[Affiliation], *, by: Actor | None, confirmed: bool
) -> list[BusinessAccount]:
    """End the accounts that outlive the service at the units of these places, whose people are locked.

    `by` is checked under the lock: an account that has ended meanwhile ends no other. Raise MayNotKeepPlaces, LastOperator;
    LeavesUnitWithout when they are a unit's last and that is not `confirmed`.
    """
    pairs = {(place.user_id, place.unit_id) for place in places}
    last: dict[tuple[int, int], date] = {}
    held: set[int] = set()
    for piece in batches(sorted(pairs), AT_ONCE):
        people, units = {user for user, _unit in piece}, {unit for _user, unit in piece}
        last |= {pair: day for pair, day in last_days(people, units).items() if pair in pairs}
        rows = BusinessAccount.objects.open().filter(user_id__in=people, unit_id__in=units)
        held |= {pk for pk, *pair in rows.values_list("pk", "user_id", "unit_id") if tuple(pair) in last}
    accounts, by = lock_accounts(held, by)
    if by and not by.is_in_force:
        raise MayNotKeepPlaces
    return place_endings.end_all(accounts, last, by=by, confirmed=confirmed)


def _save(rows: Sequence[tuple[Affiliation, PlaceFacts]]) -> None:
    """Save changed places: one statement for all that change alike, as a thousand people who leave on one day do."""
    alike: dict[tuple[tuple[str, object], ...], list[Affiliation]] = {}
    # One moment for all of a file.
    entered_at = clock.now()
    for row, former in rows:
        new = {name: new for name, (_old, new) in _changed(row, former).items()}
        row.note_end(former.until, entered_at)
        if "until" in new:
            new["end_entered_at"] = row.end_entered_at
        alike.setdefault(tuple((new | {"rank": row.rank}).items()), []).append(row)
    if len(alike) <= MOST_ALIKE:
        for values, places in alike.items():
            for piece in batches(places, AT_ONCE):
                Affiliation.objects.filter(pk__in=[row.pk for row in piece]).update(**dict(values))
        return
    names = sorted({name for values in alike for name, _new in values})
    Affiliation.objects.bulk_update([row for row, _former in rows], names, batch_size=200)


def _changed(row: Affiliation, former: PlaceFacts) -> Mapping[str, tuple[object, object]]:
    old, new = asdict(former), asdict(PlaceFacts.of(row))
    return {name: (old[name], new[name]) for name in FIELDS if old[name] != new[name]}


def _change(act: str, row: Affiliation, former: PlaceFacts, by: Actor | None) -> AuditEvent:
    changed = _changed(row, former)
    return log.event(
        act,
        row,
        by=by,
        unit_id=row.unit_id,
        subjects=[row.user_id],
        before={name: old for name, (old, _new) in changed.items()},
        after={name: new for name, (_old, new) in changed.items()},
    )
