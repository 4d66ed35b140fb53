"""Headers that Django does not set itself: the site's pages and files are for its own pages only, and files have a name."""

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

HEADERS = {
    # Django sets the first three too, except on the response to an unknown host.
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=(), "
    "publickey-credentials-get=(self), publickey-credentials-create=(self)",
}
Response = TypeVar("Response", bound=HttpResponseBase)


def as_file(response: Response, name: str) -> Response:
    """Return the response as a file to keep, whose name may be Chinese."""
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def with_camera(response: Response) -> Response:
    """Return the response of a page that may use the camera, which no other page of the site may."""
    response["Permissions-Policy"] = HEADERS["Permissions-Policy"].replace("camera=()", "camera=(self)")
    return response


class IsolationMiddleware:
    """Also keeps what a session or a key may read out of every cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        # Decided by the cookies alone: whatever is broken, this runs no query.
        session, key = settings.SESSION_COOKIE_NAME, request.headers.get("Authorization")
        if session in request.COOKIES or session in response.cookies or key:
            response.headers.setdefault("Cache-Control", "no-store")
        return response
