"""Places of service are proposed, by an education log-in or because another unit has added the person; nothing changes yet."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.acting import Actor
from accounts.enums import ProposalSource, RequestState
from accounts.models import Affiliation, PlaceProposal, Unit, User
from accounts.queries.leads import keepers_of_units, overseers_of
from accounts.unit_pages import unit_page
from audit import log
from audit.models import AuditEvent
from kit import clock
from kit.batches import batches
from notices import outbox

AT_ONCE = 500


def propose_place(person: User, unit: Unit, *, title: str, source: ProposalSource) -> list[PlaceProposal]:
    """Propose that a person begins to serve at a unit; from today where the person serves or has served elsewhere."""
    row = PlaceProposal(person=person, unit=unit, title=title, day=clock.today(), source=source)
    return _propose([row], by=None)


def propose_ends(
    places: Iterable[tuple[Affiliation, date]], *, source: ProposalSource, by: Actor | None
) -> list[PlaceProposal]:
    """Propose that places end, each after its day; return what was proposed."""
    rows = [
        PlaceProposal(
            person=place.user, unit=place.unit, place=place, title=place.title, day=day, source=source
        )
        for place, day in places
    ]
    return _propose(rows, by=by)


def settle(places: Iterable[Affiliation], *, ends: bool) -> None:
    """Close what waits for a decision that the staff list has anticipated: these places have begun, or have ended.

    The notice of the place itself goes to the person.
    """
    pairs = {(place.user_id, place.unit_id) for place in places}
    for piece in batches(sorted(pairs), AT_ONCE):
        waiting = _waiting().filter(
            person_id__in=[person for person, _unit in piece],
            unit_id__in={unit for _person, unit in piece},
            place__isnull=not ends,
        )
        _take_back([row for row in waiting if (row.person_id, row.unit_id) in pairs], by=None)


def settle_unit(unit: Unit, *, by: Actor | None) -> int:
    """Close everything that waits for a decision at a unit whose staff list ends; notify each person and return how many there were."""
    ended = _take_back(_waiting().filter(unit=unit), by=by)
    outbox.write(
        outbox.NewNotice(
            kind="proposal_ended",
            to=row.person,
            about=f"proposal:{row.pk}",
            event=event.pk,
            path=reverse("accounts:mine"),
            context={"unit": unit.name, "ends": row.is_end, "day": unit.until},
            sent_by=by.person_label if by else "",
        )
        for row, event in ended
    )
    return len(ended)


def settle_person(person: User, *, by: Actor, reason: str) -> list[tuple[Unit, AuditEvent]]:
    """Close everything that waits for a decision about a person who is closed and locked; return the units and the events."""
    ended = _take_back(_waiting().filter(person=person), by=by, reason=reason)
    return [(row.unit, event) for row, event in ended]


def _waiting() -> QuerySet[PlaceProposal]:
    return PlaceProposal.objects.filter(state=RequestState.PENDING).select_related("person", "unit")


def _take_back(
    waiting: Iterable[PlaceProposal], *, by: Actor | None, reason: str = ""
) -> list[tuple[PlaceProposal, AuditEvent]]:
    """Close proposals; return each with its event."""
    rows = list(waiting)
    if not rows:
        return []
    PlaceProposal.objects.filter(pk__in=[row.pk for row in rows], state=RequestState.PENDING).update(
        state=RequestState.TAKEN_BACK, decided_at=clock.now()
    )
    events = log.record_many(
        log.event(
            "proposal.ended",
            row,
            by=by,
            unit_id=row.unit_id,
            reason=reason,
            subjects=[row.person_id],
            after={"end": row.is_end},
        )
        for row in rows
    )
    return list(zip(rows, events, strict=True))


def _propose(rows: Sequence[PlaceProposal], *, by: Actor | None) -> list[PlaceProposal]:
    """Save what neither waits nor was refused in this school year, record it and notify those who decide.

    The people are locked. Of two rows for one person and unit the first is kept. Nobody decides for a unit that has closed.
    """
    now = clock.now()
    fresh: list[PlaceProposal] = []
    rows = [row for row in rows if not row.unit.has_closed()]
    first = {(row.person_id, row.unit_id): row for row in reversed(rows)}
    for piece in batches([row for row in rows if first[row.person_id, row.unit_id] is row], AT_ONCE):
        known = _known(piece)
        fresh += [row for row in piece if (row.person_id, row.unit_id, row.is_end) not in known]
    for row in fresh:
        row.requested_at = now
    saved = PlaceProposal.objects.bulk_create(fresh, batch_size=AT_ONCE)
    log.record_many(
        log.event(
            "proposal.made",
            row,
            by=by,
            unit_id=row.unit_id,
            subjects=[row.person_id],
            after={"end": row.is_end, "day": row.day, "source": row.source},
        )
        for row in saved
    )
    _notify(saved)
    return saved


def _known(rows: Sequence[PlaceProposal]) -> set[tuple[int, int, bool]]:
    """Return person, unit and kind of what waits (of either kind) and of what was refused since 1 August."""
    today = clock.today()
    august = date(today.year - (today.month < 8), 8, 1)
    refused = Q(state=RequestState.REFUSED, decided_at__gte=clock.at_taipei(august))
    found = PlaceProposal.objects.filter(
        Q(state=RequestState.PENDING) | refused,
        person_id__in=[row.person_id for row in rows],
        unit_id__in=[row.unit_id for row in rows],
    )
    known: set[tuple[int, int, bool]] = set()
    for person, unit, place, state in found.values_list("person_id", "unit_id", "place_id", "state"):
        pending = state == RequestState.PENDING
        known |= {(person, unit, kind) for kind in (True, False) if pending or kind == (place is not None)}
    return known


def _notify(rows: Sequence[PlaceProposal]) -> None:
    """Notify those who keep the staff list of each unit, but not the person of the row; where nobody does, the county, once a day."""
    keepers = keepers_of_units({row.unit_id for row in rows})
    outbox.write(
        _asked(row, person)
        for row in rows
        for person in keepers.get(row.unit_id, [])
        if person.pk != row.person_id
    )
    left = {row.unit_id: row.unit for row in rows if row.unit_id not in keepers}
    overseers = overseers_of({unit.county_id for unit in left.values()}) if left else {}
    outbox.write(
        outbox.NewNotice(
            kind="proposals_waiting",
            to=person,
            about=f"county:{unit.county_id or 0}",
            day=clock.today(),
            path=unit_page("accounts:proposals", unit.pk),
            context={"unit": unit.name},
        )
        for unit in left.values()
        for person in overseers[unit.county_id]
    )


def _asked(row: PlaceProposal, person: User) -> outbox.NewNotice:
    return outbox.NewNotice(
        kind="place_proposed",
        to=person,
        about=f"proposal:{row.pk}",
        event=f"proposal:{row.pk}",
        path=unit_page("accounts:proposals", row.unit_id),
        context={
            "name": row.person.name,
            "unit": row.unit.name,
            "ends": row.is_end,
            "moves": row.source == ProposalSource.MOVE,
            "day": row.day,
        },
    )
