"""Enforces the table of rights (`kit.rights`) for programs, whose key only the API's views know."""

from typing import Any, cast

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.enums import KeyScope
from accounts.models import ApiToken
from accounts.route_guard import right_for
from api import actor
from api.errors import KeyOfAUnit, KeyTooNarrow
from kit.rights import VISITOR


class RowOfTheRoute(BasePermission):
    """Lets in whom the row of the route names: visitors, everybody who is logged in or shows a key, or the roles of business accounts.

    A key for programs must be wide enough (`KeyScope`). For a row of roles the business account of the request is chosen, with the
    refusals of `api.actor.choose`.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        right, method = right_for(request), str(request.method)
        if not request.user.is_authenticated:
            # A method without an audience gets 405 after this.
            named = right.named(method)
            return named is not None and VISITOR in named
        audience = right.audience(method)
        is_for_hats = audience is not None and audience.members is None
        if isinstance(request.auth, ApiToken) and not (audience and VISITOR in audience):
            _refuse_narrow(
                request.auth, view.key_scope if method in SAFE_METHODS else KeyScope.ACT, is_for_hats
            )
        if is_for_hats:
            cast(actor.RoutedRequest, request).of_route = actor.choose(request)
        return True


def _refuse_narrow(key: ApiToken, needed: KeyScope, is_for_hats: bool) -> None:
    """Raise KeyTooNarrow for a key that may do less than is needed, KeyOfAUnit for one of an account in a person's own matters."""
    if KeyScope(key.scope).rank < needed.rank:
        raise KeyTooNarrow(scope=key.get_scope_display())
    if key.account_id and not is_for_hats:
        raise KeyOfAUnit
