"""What two records of one person have on the side of accounts, before they are merged."""

from collections.abc import Sequence
from dataclasses import dataclass

from allauth.socialaccount.models import SocialAccount

from accounts.enums import OfferState, RequestState
from accounts.models import (
    AccountApplication,
    Affiliation,
    BusinessAccount,
    IdentityChange,
    PlaceOffer,
    PlaceProposal,
    User,
)


def open_requests(person: User) -> int:
    """Return how many requests about a person wait for a decision: accounts, name or e-mail, offered and proposed places."""
    pending = {"state": RequestState.PENDING}
    return (
        AccountApplication.objects.filter(user=person, **pending).count()
        + IdentityChange.objects.filter(user=person, **pending).count()
        + PlaceOffer.objects.filter(user=person, state=OfferState.PENDING).count()
        + PlaceProposal.objects.filter(person=person, **pending).count()
    )


@dataclass(frozen=True)
class Side:
    """One of two records that are compared."""

    person: User
    places: Sequence[Affiliation]
    accounts: Sequence[BusinessAccount]
    log_ins: Sequence[str]
    requests: int


def side_of(person: User) -> Side:
    """Return what a record has, in a constant number of queries. `log_ins` are the issuers of connected education log-ins."""
    places = Affiliation.objects.filter(user=person).serving_or_to_come().select_related("unit")
    accounts = BusinessAccount.objects.open().filter(user=person).select_related("unit").order_by("number")
    issuers = (
        SocialAccount.objects.filter(user=person).order_by("provider").values_list("provider", flat=True)
    )
    return Side(person, list(places), list(accounts), list(issuers), open_requests(person))
