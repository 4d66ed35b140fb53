"""The hat of an API request: the header X-Business-Account chooses among the person's own active accounts."""

from rest_framework.request import Request

from accounts.acting import Actor
from accounts.errors import NoSecondFactor
from accounts.models import BusinessAccount
from accounts.route_guard import right_for
from api.errors import NotYourAccount
from courses.errors import NeedsBusinessAccount
from kit.rights import Audience
from signin.api_keys import may_wear_business_hats

HEADER = "X-Business-Account"


def teacher(request: Request) -> Actor:
    return Actor(request.user)  # type: ignore[arg-type]


def of_route(request: Request) -> Actor:
    """Return the person in a business account whose role the row of the route names, as `api.permissions` chose it."""
    return request.of_route  # type: ignore[attr-defined, no-any-return]


def choose(request: Request) -> Actor:
    """Choose the business account of a request: one whose role the row of the route names (`api.rights`).

    Raise NotYourAccount, NeedsBusinessAccount or NoSecondFactor.
    """
    audience = right_for(request).audience(str(request.method)) or Audience()
    roles = audience.roles.keys()
    mine = (
        BusinessAccount.objects.active()
        .filter(user_id=int(request.user.pk or 0))
        .select_related("unit__county", "user")
    )
    wanted = request.headers.get(HEADER)
    if wanted is not None:
        account = mine.filter(number=wanted.replace("\0", "")[:12]).first()
        if account is None:
            raise NotYourAccount
    else:
        account = mine.filter(role__in=roles).first()
    if account is None or account.role not in roles:
        raise NeedsBusinessAccount
    if not may_wear_business_hats(request, request.user, request.auth):  # type: ignore[arg-type]
        raise NoSecondFactor
    return Actor(request.user, account)  # type: ignore[arg-type]
