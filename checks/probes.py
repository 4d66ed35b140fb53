"""`/healthz` and `/readyz`, for whatever restarts processes and spreads requests: a load balancer, a container, a monitor.

Both return before the session, the log-in and the check of the host, because a balancer requests a machine by its address. They
set no cookie and name nobody. `/healthz` shows that the process is alive and looks at nothing else, so that an outage of the database
restarts no process. `/readyz` shows whether requests should be sent here.
"""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import caches
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import resolve
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kit.caches import FallbackCache
from kit.migration_state import applied_migrations, needed_migrations

# A file of the style sheet that every page needs.
STATIC_FILE = "css/app.css"
PATHS = ("/healthz", "/readyz")
OK, AWAY, PENDING, MISSING = "ok", "away", "pending", "missing"
# Without these a page would fail. A cache that is away is only slower (kit.caches), hence no reason to send requests elsewhere.
NEEDED = ("database", "migrations", "static")


class ProbeMiddleware:
    """Respond to the two addresses before the middlewares that know hosts, sessions and people."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info not in PATHS or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        match = request.resolver_match = resolve(request.path_info)
        response: HttpResponse = match.func(request)
        return response


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Return 200: the process is alive."""
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Return 200 when requests can be served, else 503; the body names what is missing."""
    found = state()
    ready = all(found[name] == OK for name in NEEDED)
    return JsonResponse({"ready": ready, **found}, status=200 if ready else 503)


def state() -> dict[str, str]:
    """Return what a request needs, each part "ok" or what is wrong with it, in one query."""
    database, migrations = _database()
    return {"database": database, "migrations": migrations, "static": _static(), "redis": _redis()}


def _database() -> tuple[str, str]:
    try:
        connection.ensure_connection()
    except DatabaseError:
        return AWAY, AWAY
    try:
        applied = applied_migrations()
    except DatabaseError:
        # Either the connection broke, or nothing was ever migrated.
        return (OK, PENDING) if _replies() else (AWAY, AWAY)
    # More than this version knows is a newer version beside it, during a rolling upgrade.
    return OK, OK if needed_migrations() <= applied else PENDING


def _replies() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _static() -> str:
    """Return whether the manifest of the static files names the style sheet; without one every page is a fault."""
    try:
        staticfiles_storage.url(STATIC_FILE)
    except ValueError:
        return MISSING
    return OK


def _redis() -> str:
    if not settings.REDIS_URL:
        return "unused"
    kept = caches["default"]
    kept.get("readyz")
    return AWAY if isinstance(kept, FallbackCache) and kept.is_away else OK
