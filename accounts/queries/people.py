"""Finding people, and what one hat may see of accounts and requests."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import identity
from accounts.acting import Actor
from accounts.enums import ROLES_AT_UNITS, CloseReason, RequestState, Role
from accounts.models import (
    AccountApplication,
    BusinessAccount,
    Guest,
    IdentityChange,
    JoinRequest,
    PlaceProposal,
    User,
)
from accounts.models.in_force import as_q, not_ended, serving
from accounts.queries.persons import persons_of
from accounts.queries.staff import units_of_staff
from kit import clock
from kit.texts import NO_MAILBOX, contains_word, fold, tidy


def people_named(text: str) -> QuerySet[User]:
    """Return people by name, e-mail (of a guest what the unit wrote), whole national ID or passport number (through its hash) or account number."""
    word = tidy(text)
    if not word:
        return User.objects.none()
    found = (
        contains_word("name", word)
        | contains_word("email", word) & ~Q(email__endswith=NO_MAILBOX)
        | Q(pk__in=Guest.objects.filter(contains_word("email", word)).values("person"))
        | Q(business_accounts__number=fold(word).upper())
    )
    return (
        User.objects.filter(found | identity.fingerprints(word))
        .select_related("guest")
        .distinct()
        .order_by("name", "pk")
    )


def accounts_in_reach(by: Actor) -> QuerySet[BusinessAccount]:
    """The business accounts a hat may look at: the own unit's, the own county's, all; and always the person's own."""
    rows = BusinessAccount.objects.select_related("user", "unit__county").order_by("number")
    if by.is_operator_hat:
        return rows
    mine = Q(user__in=persons_of(by.user.pk))
    if by.account and by.is_county_hat:
        return rows.filter(mine | Q(unit__county=by.county))
    if by.account and by.is_unit_lead:
        return rows.filter(mine | Q(unit_id=by.account.unit_id))
    return rows.filter(mine)


def applications_in_reach(by: Actor) -> QuerySet[AccountApplication]:
    """Applications a hat may decide about, oldest first; never one's own."""
    rows = AccountApplication.objects.select_related("user", "unit__county", "proof", "decided_by").exclude(
        user=by.user
    )
    if by.is_operator_hat:
        return rows
    rows = rows.filter(role__in=ROLES_AT_UNITS)
    if by.account and by.is_county_hat:
        return rows.filter(unit__county=by.county)
    if by.account and by.is_unit_lead:
        return rows.filter(unit_id=by.account.unit_id)
    return rows.none()


def changes_in_reach(by: Actor) -> QuerySet[IdentityChange]:
    """Requests for another name or e-mail that a hat may decide about; never one's own."""
    rows = IdentityChange.objects.select_related("user", "proof").exclude(user=by.user)
    if by.is_operator_hat:
        return rows
    if by.account and by.is_county_hat:
        county, day = by.county.pk, clock.today()
        return rows.filter(
            Q(user__affiliations__unit__county_id=county) & as_q(serving(day), "user__affiliations__")
            | Q(user__business_accounts__unit__county_id=county)
            & as_q(not_ended(day), "user__business_accounts__")
        ).distinct()
    return rows.none()


def join_requests_in_reach(by: Actor) -> QuerySet[JoinRequest]:
    """Requests to be entered at a unit that a hat may see, oldest first."""
    rows = JoinRequest.objects.select_related("unit__county", "decided_by")
    return rows.filter(unit__in=units_of_staff(by))


def proposals_in_reach(by: Actor) -> QuerySet[PlaceProposal]:
    """Proposed places of service that a hat may see, oldest first; never one's own."""
    rows = PlaceProposal.objects.select_related("person", "unit__county", "place", "decided_by")
    rows = rows.exclude(person=by.user)
    return rows.filter(unit__in=units_of_staff(by))


def join_requests_to_decide(by: Actor) -> QuerySet[JoinRequest]:
    """Return the requests to be entered that wait for this hat (`_left_to`)."""
    return join_requests_in_reach(by).filter(_left_to(by), state=RequestState.PENDING)


def proposals_to_decide(by: Actor) -> QuerySet[PlaceProposal]:
    """Return the proposed places of service that wait for this hat (`_left_to`)."""
    return proposals_in_reach(by).filter(_left_to(by), state=RequestState.PENDING)


def _left_to(by: Actor) -> Q:
    """Return the condition of what a hat decides: its own unit's all; as a county that of units without a lead; as the operator that of
    units of the nation without a lead.
    """
    if not (by.is_county_hat or by.is_operator_hat):
        return Q()
    leads = BusinessAccount.objects.active().filter(role=Role.UNIT_LEAD, unit=OuterRef("unit"))
    without = ~Exists(leads)
    return Q(without, unit__county=None) if by.is_operator_hat else Q(without)


def deceased(person_ids: Collection[int]) -> set[int]:
    """Return those of the people who are closed as deceased: no mail reaches their families."""
    rows = User.objects.filter(pk__in=person_ids, closed_because=CloseReason.DECEASED)
    return set(rows.values_list("pk", flat=True))
