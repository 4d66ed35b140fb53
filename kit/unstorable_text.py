"""Filter text that no database stores: NUL, for which PostgreSQL raises an error anywhere, even in a search.

In a path or a head it is refused: these are written by programs only. In a query it becomes the sign for an unreadable
character, which no search finds and no list of choices holds, so that each page shows how it understood the query. Forms show
an error at the field (`kit.texts`).
"""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse

UNREADABLE = "%EF%BF%BD"  # U+FFFD


class UnstorableTextMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info:
            raise Http404("NUL in the path")
        if any("\0" in value for name, value in request.META.items() if name.startswith("HTTP_")):
            raise BadRequest("NUL in a head")
        query = request.META.get("QUERY_STRING", "")
        if "%00" in query or "\0" in query:
            request.META["QUERY_STRING"] = query.replace("%00", UNREADABLE).replace("\0", UNREADABLE)
            request.__dict__.pop("GET", None)  # read from the query on first access
        return self.get_response(request)
