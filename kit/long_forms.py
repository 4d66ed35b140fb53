"""Forms of more fields than Django's limit, for the few pages that need them and for people who are logged in.

`DATA_UPLOAD_MAX_NUMBER_FIELDS` guards every form against floods of fields. Raising it for one long page would raise it for all,
so a view declares how many fields it takes, and its form is parsed here, before any other access.
"""

from collections.abc import Callable, Iterator
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, QueryDict

View = TypeVar("View", bound=Callable[..., HttpResponse])
FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"


def long_form(most: int) -> Callable[[View], View]:
    """Let a view take `most` fields."""

    def mark(view: View) -> View:
        view.most_fields = most  # type: ignore[attr-defined]  # functions take attributes; typing knows none
        return view

    return mark


class LongFormMiddleware:
    """Read the form of a view marked by `long_form`. The body's own limit, DATA_UPLOAD_MAX_MEMORY_SIZE, holds as ever."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        most = getattr(view, "most_fields", 0)
        if most and request.method == "POST" and request.content_type in (FORM, PARTS) and _is_known(request):
            request.POST = _read(request, most)  # type: ignore[assignment]  # a QueryDict, as Django's own


def _is_known(request: HttpRequest) -> bool:
    return bool(getattr(request, "user", None) and request.user.is_authenticated)


def _read(request: HttpRequest, most: int) -> QueryDict:
    """Raise TooManyFieldsSent for more fields than the page has."""
    data = QueryDict(mutable=True)
    try:
        for name, value in (_pairs if request.content_type == FORM else _parts)(request, most):
            data.appendlist(name, value)
    except ValueError as error:
        raise TooManyFieldsSent(str(error)) from None
    return data


def _pairs(request: HttpRequest, most: int) -> Iterator[tuple[str, str]]:
    text = request.body.decode("utf-8", "replace")
    yield from parse_qsl(text, keep_blank_values=True, max_num_fields=most)


def _parts(request: HttpRequest, most: int) -> Iterator[tuple[str, str]]:
    """The fields of a multipart form; a long form takes no files."""
    kind = (
        request.META.get("CONTENT_TYPE", "")
        .encode("ascii", "replace")
        .replace(b"\r", b"")
        .replace(b"\n", b"")
    )
    if request.body.count(b"\r\n\r\n") > most:
        raise ValueError("Too many fields")
    whole = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind + b"\r\n\r\n" + request.body)
    parts = whole.get_payload()
    for part in parts if isinstance(parts, list) else []:
        if isinstance(part, Message) and part.get_filename() is None:
            name = part.get_param("name", header="content-disposition")
            value = part.get_payload(decode=True)
            if isinstance(name, str) and isinstance(value, bytes):
                yield name, value.decode("utf-8", "replace")
