"""Where the running act comes from: request id and address, set by the middleware, empty in jobs and commands."""

from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest


@dataclass(frozen=True)
class Trace:
    request_id: str = ""
    address: str = ""


current: ContextVar[Trace] = ContextVar("audit_trace", default=Trace())  # noqa: B039


def client_address(request: HttpRequest) -> str:
    """The address the request came from. Behind `TRUSTED_PROXIES` own proxies it is what the outermost of them saw; what a
    client writes into X-Forwarded-For itself is never believed."""
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    proxies = settings.TRUSTED_PROXIES
    if proxies and len(hops) >= proxies:
        return hops[-proxies][:45]
    return str(request.META.get("REMOTE_ADDR", ""))[:45]
