"""Large bodies are refused by their announced length, before a byte of them is read.

Only the operator sends large files, and others to the few routes that take them. Django would write a visitor's upload to the disk to look for the form's proof of origin in it, and
the API would read any JSON into memory.
"""

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from kit.http_requests import MemberRequest
from kit.registry import Registry
from kit.rights import right_of, route_of

MEGABYTE = 1024 * 1024
# A visitor sends no file; a person a paper of 2 MB; the operator a list of 50 MB. Each with room for the rest of the form.
VISITOR, PERSON, OPERATOR = MEGABYTE, 4 * MEGABYTE, 52 * MEGABYTE


# Routes to which those who may use them send larger files: bytes by route. Each app registers its own.
LARGER: Registry[int] = Registry("route for larger files")


class BodySizeMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = _announced(request)
        if length > VISITOR and length > largest(request):
            raise RequestDataTooBig(f"a body of {length} bytes")
        return self.get_response(request)


def _announced(request: HttpRequest) -> int:
    text = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def largest(request: HttpRequest) -> int:
    """How many bytes this sender may send in a body of this kind."""
    if request.content_type != "multipart/form-data":
        return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    if not request.user.is_authenticated:
        return VISITOR
    actor = cast(MemberRequest, request).actor
    return OPERATOR if actor.is_operator_hat else max(PERSON, _of_route(request, str(actor.role)))


def _of_route(request: HttpRequest, role: str) -> int:
    """Return how much the address takes from a role that may send to it, if that is more than usual."""
    route = route_of(request)
    right = right_of(route)
    return LARGER.get(route, 0) if right and right.admits(role, "POST") else 0
