"""What a unit that closes leaves behind, and what its courses do to the lights of its successors."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from accounts.enums import UNIT_ROLES, OfferState, RequestState
from accounts.models import AccountApplication, Affiliation, BusinessAccount, Unit
from courses.models import Course, YearlyPolicy
from courses.queries import campaigns
from courses.queries.lights import overdue_now, unit_colour
from kit import clock


@dataclass(frozen=True)
class AccountLeft:
    """An account of the unit with the unclosed courses and drafts that it owns."""

    account: BusinessAccount
    courses: Sequence[Course]

    @property
    def is_open(self) -> bool:
        return not self.account.has_ended()


@dataclass(frozen=True)
class Left:
    """What is left at a unit: accounts that are open or own courses, places of service that have not ended, units under it."""

    accounts: Sequence[AccountLeft]
    places: Sequence[Affiliation]
    children: Sequence[Unit]

    @property
    def people(self) -> int:
        """The number of people who serve there, or will."""
        return len({place.user_id for place in self.places})

    @property
    def courses(self) -> list[Course]:
        return [course for row in self.accounts for course in row.courses]

    @property
    def open_accounts(self) -> list[BusinessAccount]:
        return [row.account for row in self.accounts if row.is_open]


def left_at(unit: Unit) -> Left:
    """Return what is left at a unit in four queries."""
    courses: dict[int, list[Course]] = {}
    for course in Course.objects.transferable().of_unit(unit.pk).order_by("ends_on", "pk"):
        courses.setdefault(course.handler_id, []).append(course)
    is_open = BusinessAccount.objects.open().of_unit(unit.pk).values("pk")
    accounts = BusinessAccount.objects.filter(Q(pk__in=is_open) | Q(pk__in=list(courses)))
    return Left(
        [
            AccountLeft(account, courses.get(account.pk, []))
            for account in accounts.select_related("user", "unit").order_by("number")
        ],
        list(Affiliation.objects.serving_or_to_come().filter(unit=unit).select_related("user", "unit")),
        list(unit.children.order_by("code", "level")),
    )


def places_moving(
    left: Left, follows: Mapping[int, Unit], rest: Unit | None
) -> list[tuple[Affiliation, Unit]]:
    """Return each place with the successor at which its person goes on: that of the person's new account (`follows`), else `rest`.

    Without `rest` the staff list stays as it is.
    """
    return [(place, follows.get(place.user_id, rest)) for place in left.places] if rest else []


def receivers_at(units: Collection[Unit]) -> list[BusinessAccount]:
    """The accounts in force at the successors that could take courses, by unit and number."""
    rows = BusinessAccount.objects.active().filter(unit__in=units, role__in=UNIT_ROLES)
    return list(rows.select_related("user", "unit").order_by("unit__code", "number"))


@dataclass(frozen=True)
class Effect:
    """What the moved courses do to the light of a successor in the current year, and how many people come."""

    unit: Unit
    people: int
    courses: int
    before: int
    after: int
    colour_before: str
    colour_after: str


def effects(
    unit: Unit,
    moves: Mapping[int, int],
    successors: Sequence[Unit],
    people: Sequence[tuple[Affiliation, Unit]] = (),
) -> list[Effect]:
    """Return the effect on each successor; `moves` gives the successor of each moved course by primary keys."""
    year = clock.this_year()
    policy = YearlyPolicy.objects.in_force(year)
    overdue = set(Course.objects.of_unit(unit.pk).lighting(year).values_list("pk", flat=True))
    found = []
    for successor in successors:
        mine = [pk for pk, to in moves.items() if to == successor.pk]
        before = overdue_now(successor.pk)
        after = before + sum(pk in overdue for pk in mine)
        colours = unit_colour(before, policy), unit_colour(after, policy)
        coming = {place.user_id for place, to in people if to == successor}
        found.append(Effect(successor, len(coming), len(mine), before, after, *colours))
    return found


def campaign_effects(
    unit: Unit, moves: Mapping[int, int], successors: Sequence[Unit]
) -> list[tuple[str, list[tuple[Unit, int]]]]:
    """Return each campaign that the unit leaves, by its title, with the successors that it goes on at and the number of courses there."""
    return [
        (
            one.row.campaign.title,
            [(to, one.requested[to.pk]) for to in successors if to.pk in one.requested],
        )
        for one in campaigns.leaving(unit.pk, moves)
    ]


def closed_with_requests() -> list[int]:
    """Return the primary keys of the units whose last day has passed and at which requests or offers still wait."""
    pending = {"state": RequestState.PENDING}
    waiting = Unit.objects.filter(until__lt=clock.today()).filter(
        Q(place_offers__state=OfferState.PENDING)
        | Q(join_requests__state=RequestState.PENDING)
        | Q(place_proposals__state=RequestState.PENDING)
        | Q(pk__in=AccountApplication.objects.filter(**pending).values("unit"))
    )
    return sorted(set(waiting.values_list("pk", flat=True)))
