"""Tables to take along: a small one at once, a large one made in the background."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from jobs import actions

MOST_AT_ONCE = 2000


def deliver(
    request: HttpRequest,
    name: str,
    *,
    rows: int,
    parameters: Mapping[str, Any],
    at_once: Callable[[], HttpResponse],
) -> HttpResponse:
    """The table itself while it has few rows. A large one starts the work `name` when posted; a link only asks for that."""
    if rows <= MOST_AT_ONCE:
        return at_once()
    if request.method != "POST":
        return render(request, "jobs/large.html", {"rows": rows})
    job = actions.start(name, by=request.actor, parameters=parameters, total=rows)  # type: ignore[attr-defined]
    return redirect("jobs:job", pk=job.pk)
