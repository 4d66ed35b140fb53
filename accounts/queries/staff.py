"""現職人員: who serves at a unit, and which places a hat may keep."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.acting import Actor
from accounts.enums import ROSTER_ROLES, OfferState
from accounts.models import Affiliation, BusinessAccount, PlaceOffer, Unit
from accounts.models.in_force import as_q, serving
from kit import clock
from kit.texts import contains_word, fold

NOW, TO_COME, LEFT = "now", "to_come", "left"
BY_ORDER, BY_NAME = "order", "name"
NEVER, NO_SECOND_STEP = "never", "second_step"


@dataclass(frozen=True)
class StaffFilter:
    """What a staff list is narrowed to, and its order. An empty value narrows nothing."""

    words: str = ""
    when: str = NOW
    order: str = BY_ORDER
    # NEVER: has never logged in; NO_SECOND_STEP: holds a business account without two-step verification.
    lacks: str = ""


def units_of_staff(by: Actor) -> QuerySet[Unit]:
    """The units whose staff list a hat may look at: the own one, those of the county, all."""
    rows = Unit.objects.select_related("county")
    if by.is_operator_hat:
        return rows
    if by.account and by.is_county_hat:
        return rows.filter(county=by.county)
    if by.account and by.role in ROSTER_ROLES:
        return rows.filter(pk=by.account.unit_id)
    return rows.none()


def places_in_reach(by: Actor) -> QuerySet[Affiliation]:
    """The places of the units of `units_of_staff`."""
    related = Affiliation.objects.select_related("user", "unit__county")
    return related.filter(unit__in=units_of_staff(by))


def offers_in_reach(by: Actor) -> QuerySet[PlaceOffer]:
    """The offers of the units of `units_of_staff`."""
    related = PlaceOffer.objects.select_related("user", "unit__county")
    return related.filter(unit__in=units_of_staff(by))


def pending_offers(unit: Unit) -> QuerySet[PlaceOffer]:
    """The offers of a unit that wait for the person."""
    return PlaceOffer.objects.filter(unit=unit, state=OfferState.PENDING).select_related("user")


def staff_of(unit: Unit, wanted: StaffFilter, day: date | None = None) -> QuerySet[Affiliation]:
    """The places of a unit that a filter leaves, in its order, with `holds` (a business account of the unit that has not ended),
    `has_second_step` and `elsewhere` (the number of other units today).
    """
    day = day or clock.today()
    holds = Exists(BusinessAccount.objects.open(day).filter(unit=unit, user=OuterRef("user")))
    keys = Authenticator.objects.filter(user=OuterRef("user")).exclude(type="recovery_codes")
    rows = Affiliation.objects.filter(_when(wanted.when, day), unit=unit).select_related("user")
    rows = rows.annotate(holds=holds, has_second_step=Exists(keys), elsewhere=_elsewhere(unit, day))
    for word in fold(wanted.words).split():
        rows = rows.filter(
            contains_word("user__name", word)
            | contains_word("user__email", word)
            | contains_word("title", word)
            | contains_word("post", word)
        )
    if wanted.lacks == NEVER:
        rows = rows.filter(user__last_login=None)
    if wanted.lacks == NO_SECOND_STEP:
        rows = rows.filter(holds, ~Exists(keys))
    return rows.order_by(*_order(wanted.order))


def _when(when: str, day: date) -> Q:
    """Return the condition of a list. A person who was closed before a first day to come keeps a place of that day alone, but has left."""
    closed = Q(user__closed_at__lt=clock.at_taipei(day))
    if when == LEFT:
        return Q(until__lt=day) | closed
    return Q(since__gt=day, user__closed_at=None) if when == TO_COME else as_q(serving(day)) & ~closed


def _order(order: str) -> list[Any]:
    if order == BY_NAME:
        return ["user__name_key", "user__name", "pk"]
    return [F("order").asc(nulls_last=True), "rank", "user__name_key", "user__name", "pk"]


def _elsewhere(unit: Unit, day: date) -> Any:
    others = Affiliation.objects.serving(day).filter(user=OuterRef("user")).exclude(unit=unit)
    counted = others.order_by().values("user").annotate(n=Count("unit", distinct=True)).values("n")
    return Coalesce(Subquery(counted), 0)


@dataclass(frozen=True)
class Facts:
    """What `staff_of` adds to a row."""

    holds: bool
    has_second_step: bool
    elsewhere: int


def facts_of(row: Affiliation) -> Facts:
    """Return what `staff_of` annotated on a row."""
    found: Any = row
    return Facts(found.holds, found.has_second_step, found.elsewhere)


def accounts_at(unit: Unit, user_ids: list[int]) -> dict[int, list[BusinessAccount]]:
    """Return the open business accounts of people at a unit, by person, in one query."""
    found: dict[int, list[BusinessAccount]] = {}
    rows = BusinessAccount.objects.open().filter(unit=unit, user__in=user_ids).order_by("role", "id")
    for account in rows.select_related("user"):
        found.setdefault(account.user_id, []).append(account)
    return found
