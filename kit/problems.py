"""Error responses for programs: problem details (RFC 9457), in the caller's language."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kit.masking import mask

CONTENT_TYPE = "application/problem+json"
# A problem that means no more than its status has this type (RFC 9457, section 4.2.1).
NO_TYPE = "about:blank"
# The same on every installation, so that a program may compare it.
TYPE_PREFIX = "tag:inservice,2026:"

TITLES: Mapping[int, Promise] = {
    400: _("Bad request"),
    401: _("Authentication required"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("Method not allowed"),
    406: _("Not acceptable"),
    409: _("Refused"),
    413: _("Too large"),
    415: _("Unsupported media type"),
    422: _("Unprocessable content"),
    429: _("Too many requests"),
    500: _("Server error"),
    503: _("Unavailable"),
}


def problem(
    status: int,
    detail: str | Promise,
    *,
    code: str = "",
    request_id: str = "",
    errors: Iterable[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """Return the members of a problem. `code` names the rule or check that refused; `errors` are the fields it concerns.

    `instance` is the request's id, which the log and the audit record carry too. Identity numbers are masked.
    """
    found: dict[str, Any] = {
        "type": f"{TYPE_PREFIX}{code}" if code else NO_TYPE,
        "title": str(TITLES.get(status, TITLES[500 if status >= 500 else 400])),
        "status": status,
        "detail": mask(str(detail)),
        "instance": uuid.UUID(request_id).urn if request_id else "",
        "code": code or f"http_{status}",
        "request_id": request_id,
    }
    if listed := [{name: mask(str(value)) for name, value in error.items()} for error in errors]:
        found["errors"] = listed
    return found


def response(request: HttpRequest, status: int, detail: str | Promise, **more: Any) -> JsonResponse:
    """Return the problem of this request as a response."""
    body = problem(status, detail, request_id=getattr(request, "request_id", ""), **more)
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE)


def accepted_language(request: HttpRequest) -> str | None:
    """Return the language of the site that `Accept-Language` names, or None where it names none of them."""
    header = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
    known = {code.split("-")[0] for code, _name in settings.LANGUAGES}
    if not any(part.strip()[:2].lower() in known for part in header.split(",")):
        return None
    # Without the cookie, which Django would look at first.
    bare = HttpRequest()
    bare.META["HTTP_ACCEPT_LANGUAGE"] = header
    return translation.get_language_from_request(bare)
