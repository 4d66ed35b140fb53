"""Gives each request an id, which the audit record, the answer's header and the error pages carry."""

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from audit.trace import Trace, current


class RequestTraceMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        token = current.set(Trace(request.request_id, request.META.get("REMOTE_ADDR", "")))  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
        finally:
            current.reset(token)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        return response
