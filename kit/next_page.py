"""Where a page leads back to: only to a path of this site, whatever the value of `next`."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def own_path(request: HttpRequest, target: str) -> str:
    """Return `target` when it is a path of this site (`/me/?page=2`); nothing when it is a bare word or leads elsewhere."""
    is_own = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if is_own and target.startswith("/") else ""
