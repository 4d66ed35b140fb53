"""The site's own error pages: one sentence in both languages and the request's id, nothing else.

They are rendered without the request's context: no query, no session and no language, because any of them may be broken.
"""

import sys
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.core.exceptions import (
    DisallowedHost,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from inservice.appearance import theme_of
from kit import problems
from kit.outages import is_outage
from kit.problems import accepted_language

RETRY_AFTER = 60
# For programs, which read no pages.
API = "/api/"
WORDS = {
    400: _("The request could not be understood."),
    403: _("This may not be opened."),
    404: _("There is no such address."),
    413: _("Too much was sent at once."),
    500: _("Something went wrong on our side."),
    503: _("The system is away for a moment. What was just sent may not have been saved."),
}
TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 413) if isinstance(exception, TOO_MUCH) else _page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Render the page of an error; for a temporary one it says so, with the time to retry."""
    if not is_outage(sys.exc_info()[1]):
        return _page(request, 500)
    answer = _page(request, 503)
    answer["Retry-After"] = str(RETRY_AFTER)
    return answer


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose proof of origin is missing or old. Nothing was done; the way back is the page it came from, if that is ours."""
    return _page(request, 403, "403_csrf.html", back=_own_referer(request))


def _own_referer(request: HttpRequest) -> str:
    came_from = request.META.get("HTTP_REFERER", "")
    try:
        own = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, request.is_secure())
    except DisallowedHost:
        return ""
    if not own:
        return ""
    way = urlsplit(came_from)
    return str(urlunsplit(("", "", way.path, way.query, "")))


def _page(request: HttpRequest, status: int, template: str = "", back: str = "") -> HttpResponse:
    if request.path.startswith(API) and "text/html" not in request.headers.get("Accept", ""):
        with translation.override(
            accepted_language(request) or translation.get_language() or settings.LANGUAGE_CODE
        ):
            return problems.response(request, status, WORDS[status])
    facts = {"request_id": getattr(request, "request_id", ""), "theme": theme_of(request), "back": back}
    return HttpResponse(render_to_string(template or f"{status}.html", facts), status=status)
