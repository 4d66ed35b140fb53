"""Addresses of pages without an object that a notice is about one unit on: a list, a home page.

Such a page opens under each of a person's hats and shows the unit of the one that is on. The address in a notice therefore names the
unit; the guard of the routes offers the person's hat there and redirects to the address without that part.
"""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

PARAMETER = "for_unit"


def unit_page(route: str, unit_id: int | None, **query: str | int) -> str:
    """Return the address of a page without an object, to be opened under the reader's hat at a unit."""
    named = query | ({PARAMETER: unit_id} if unit_id else {})
    return f"{reverse(route)}?{urlencode(named)}" if named else reverse(route)


def unit_of(request: HttpRequest) -> int | None:
    """Return the unit that the address of a request names; None for another address."""
    value = request.GET.get(PARAMETER, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None


def without_unit(request: HttpRequest) -> str:
    """Return the address of a request without the unit."""
    rest = request.GET.copy()
    rest.pop(PARAMETER, None)
    return f"{request.path}?{rest.urlencode()}" if rest else request.path
