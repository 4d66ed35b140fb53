"""Give each request an id; the audit record, the log, the response's header and the error pages contain it."""

import logging
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from audit.trace import Trace, client_address, current
from kit.http_requests import MemberRequest

logger = logging.getLogger("audit.request")


class RequestTraceMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: MemberRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex
        started = time.monotonic()
        token = current.set(Trace(request.request_id, client_address(request)))
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request.request_id
            _log(request, response, started)
        finally:
            current.reset(token)
        return response


def _log(request: HttpRequest, response: HttpResponse, started: float) -> None:
    """One line a request: the route's name, never the query or the form."""
    match = request.resolver_match
    logger.info(
        "request",
        extra={
            "method": request.method,
            "route": match.view_name if match else "",
            "status": response.status_code,
            "ms": round((time.monotonic() - started) * 1000, 1),
            "person": _person(request),
            "address": current.get().address,
        },
    )


def _person(request: HttpRequest) -> int | None:
    """Return the person already loaded by the request; no query, because the database may be what is broken."""
    user = request.__dict__.get("user")
    if isinstance(user, SimpleLazyObject):
        user = getattr(request, "_cached_user", None)
    return getattr(user, "pk", None)
