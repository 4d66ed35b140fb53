"""The key of a page that makes something new: opened or sent again, the page leads to what it made."""

from contextlib import suppress
from uuid import UUID, uuid4

from django.http import HttpRequest


def form_key(request: HttpRequest) -> UUID:
    """Return the key of the page that was sent or is opened again; a new one for a page without a key."""
    with suppress(ValueError):
        return UUID(request.POST.get("form") or request.GET.get("form", ""))
    return uuid4()
