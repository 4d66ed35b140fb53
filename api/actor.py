"""Which hat an API request wears: the header X-Business-Account chooses among the person's own active accounts."""

from rest_framework.request import Request

from accounts.acting import Actor
from accounts.enums import OVERSIGHT_ROLES, UNIT_ROLES
from accounts.errors import NoSecondFactor
from accounts.models import BusinessAccount
from api.errors import NotYourAccount
from courses.errors import NeedsBusinessAccount
from signin.api_keys import may_wear_business_hats

HEADER = "X-Business-Account"


def teacher(request: Request) -> Actor:
    return Actor(request.user)  # type: ignore[arg-type]


def _with_role(request: Request, roles: frozenset[str]) -> Actor:
    mine = (
        BusinessAccount.objects.active()
        .filter(user_id=request.user.pk)
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


def of_unit(request: Request) -> Actor:
    """Handler or unit lead. Raises NotYourAccount, NeedsBusinessAccount."""
    return _with_role(request, frozenset(UNIT_ROLES))


def of_oversight(request: Request) -> Actor:
    """County officer or operator. Raises NotYourAccount, NeedsBusinessAccount."""
    return _with_role(request, frozenset(OVERSIGHT_ROLES))
