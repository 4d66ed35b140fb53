"""Record important refusals: an attempt that the hat does not allow, once a minute for the same attempt."""

from django.core.cache import cache

from accounts.acting import SiteRequest
from audit import log
from kit.masking import mask

ONCE_IN = 60


def note_refusal(request: SiteRequest, what: str) -> None:
    """Record that a logged-in person was refused this route."""
    user = request.user
    match = request.resolver_match
    if not user.is_authenticated:
        return
    route = match.view_name if match else ""
    if cache.add(f"refused:{what}:{user.pk}:{route}:{request.method}", 1, ONCE_IN):
        log.record(
            f"refused.{what}",
            user,
            by=request.actor,
            after={
                "route": route,
                "method": str(request.method)[:10],
                "parts": {k: mask(str(v))[:60] for k, v in match.kwargs.items()} if match else {},
            },
        )
