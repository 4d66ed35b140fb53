"""Enforces the table of rights (`kit.rights`) for programs, whose key only the API's views know."""

from typing import Any, cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.route_guard import right_for
from api import actor
from kit.rights import VISITOR


class RowOfTheRoute(BasePermission):
    """Lets in whom the row of the route names: visitors, everybody who is logged in or shows a key, or the roles of business accounts.

    For a row of roles it chooses the business account of the request, and raises the refusals of `api.actor.choose`.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        right, method = right_for(request), str(request.method)
        if not request.user.is_authenticated:
            # A method without an audience gets 405 after this.
            named = right.named(method)
            return named is not None and VISITOR in named
        audience = right.audience(method)
        if audience is not None and audience.members is None:
            cast(actor.RoutedRequest, request).of_route = actor.choose(request)
        return True
