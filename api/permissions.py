"""Enforces the table of rights (`kit.rights`) for programs, whose key only the API's views know."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.route_guard import right_for
from kit.rights import VISITOR


class RowOfTheRoute(BasePermission):
    """Lets visitors in where the row of the route names them, otherwise everybody who is logged in or shows a key.

    Which business account a request acts through is chosen by `api.actor`, which reads the row as well.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        right = right_for(request)
        # A method without an audience is answered 405 after this.
        audience = right.audience(str(request.method)) or right.get or right.post
        return request.user.is_authenticated or (audience is not None and VISITOR in audience)
