"""Turn the errors of the API's views into problem details (RFC 9457)."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from kit.errors import Refusal
from kit.problems import CONTENT_TYPE, problem


class InvalidQuery(ValidationError):
    """The query of the address is wrong: `detail` is a mapping of parameter names to sentences."""


class InvalidHeader(ValidationError):
    """A header of the request is wrong: `detail` is a mapping of header names to sentences."""


PLACES = {InvalidQuery: "parameter", InvalidHeader: "header"}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the response to an error of a view, or None for a fault, which Django handles."""
    if isinstance(error, Refusal):
        headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
        return _response(context, error.status, error.message, headers, code=error.code)
    found = exception_handler(error, context)
    if found is None:
        return None
    headers = {name: found[name] for name in ("WWW-Authenticate", "Retry-After") if name in found}
    if isinstance(error, ValidationError):
        where = PLACES.get(type(error), "pointer")
        errors = list(fields(error.detail, where))
        return _response(context, found.status_code, _invalid(errors), headers, code="Invalid", errors=errors)
    detail = _too_many(error) if isinstance(error, Throttled) else str(found.data["detail"])
    return _response(context, found.status_code, detail, headers)


def _too_many(error: Throttled) -> str:
    seconds = int(getattr(error, "wait", None) or 1)
    return ngettext(
        "Too many requests: send the next one in %(seconds)s second.",
        "Too many requests: send the next one in %(seconds)s seconds.",
        seconds,
    ) % {"seconds": seconds}


def _response(
    context: dict[str, Any], status: int, detail: str, headers: dict[str, str], **more: Any
) -> Response:
    request_id = getattr(context["request"], "request_id", "")
    body = problem(status, detail, request_id=request_id, **more)
    return Response(body, status=status, headers=headers, content_type=CONTENT_TYPE)


def _invalid(errors: list[dict[str, str]]) -> str:
    """Return the message of the whole request; a single error is the message itself."""
    return errors[0]["detail"] if len(errors) == 1 else _("Some values are not as they should be.")


def fields(detail: Any, where: str, path: str = "") -> Iterator[dict[str, str]]:
    """Yield each error of a ValidationError with its place: a parameter, a header, or a JSON pointer into the body."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from fields(inner, where, _below(path, name, where))
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from fields(inner, where, _below(path, number, where) if nested else path)
    else:
        yield {
            where: f"#{path}" if where == "pointer" else path,
            "detail": str(detail),
            "code": detail.code,
        }


def _below(path: str, name: Any, where: str) -> str:
    if where != "pointer":
        return str(name)
    if name == "non_field_errors":
        return path
    return f"{path}/{str(name).replace('~', '~0').replace('/', '~1')}"
