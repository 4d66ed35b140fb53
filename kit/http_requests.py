"""The type of the requests that views get once a person is logged in."""

from typing import Any

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class MemberRequest(HttpRequest):
    """A request of a person who is logged in: Django's log-in middleware lets no other reach a view.

    These packages do not know the user model; the apps have a type of their own that names it.
    """

    user: Any
    actor: Any  # who acts, and under which hat
    htmx: HtmxDetails
    request_id: str
