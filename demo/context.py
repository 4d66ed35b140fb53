"""The log-ins that the log-in page shows in the demonstration."""

from django.conf import settings
from django.http import HttpRequest

from demo.logins import LOGINS


def demo_logins(request: HttpRequest) -> dict[str, object]:
    """Return the log-ins of the demonstration; none outside it."""
    return {"demo_logins": LOGINS if settings.DEMO else []}
