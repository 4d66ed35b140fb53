"""The hat of an API request: the header X-Business-Account chooses among the person's own active accounts."""

from typing import cast

from rest_framework.request import Request

from accounts.acting import Actor
from accounts.errors import NoSecondFactor, NotYourAccount
from accounts.models import ApiToken, BusinessAccount, User
from accounts.route_guard import right_for, sentence_for
from courses.errors import NeedsBusinessAccount
from kit.rights import Audience
from signin.api_keys import may_wear_business_hats

HEADER = "X-Business-Account"


class RoutedRequest(Request):
    """A request of a route whose row names roles: `api.permissions` notes the chosen business account on it."""

    of_route: Actor


def teacher(request: Request) -> Actor:
    return Actor(cast(User, request.user))


def of_route(request: Request) -> Actor:
    """Return the person in a business account whose role the row of the route names, as `api.permissions` chose it."""
    return cast(RoutedRequest, request).of_route


def choose(request: Request) -> Actor:
    """Choose the business account of a request: one whose role the row of the route names (`api.rights`), that of the key where it has one.

    Raise NotYourAccount, NeedsBusinessAccount or NoSecondFactor.
    """
    person = cast(User, request.user)
    audience = right_for(request).audience(str(request.method)) or Audience()
    roles = audience.roles.keys()
    mine = BusinessAccount.objects.active().filter(user=person).select_related("unit__county", "user")
    if isinstance(request.auth, ApiToken) and request.auth.account_id:
        mine = mine.filter(pk=request.auth.account_id)
    wanted = request.headers.get(HEADER)
    if wanted is not None:
        account = mine.filter(number=wanted.replace("\0", "")[:12]).first()
        if account is None:
            raise NotYourAccount
    else:
        account = mine.filter(role__in=roles).first()
    if account is None or account.role not in roles:
        raise NeedsBusinessAccount(sentence_for(audience))
    if not may_wear_business_hats(request, person, request.auth):
        raise NoSecondFactor
    return Actor(person, account)
