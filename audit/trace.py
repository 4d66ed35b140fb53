"""Where the running act comes from: request id and address, set by the middleware, empty in jobs and commands."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest

from kit.task_headers import Header

if TYPE_CHECKING:
    from audit.log import Acting


@dataclass(frozen=True)
class Trace:
    request_id: str = ""
    address: str = ""
    # Who really acts while another person's pages are looked at; the record names this person whatever the caller says.
    instead: "Acting | None" = None


current: ContextVar[Trace] = ContextVar("audit_trace", default=Trace())  # noqa: B039


def begin(request_id: str) -> Callable[[], None]:
    """Continue the act of a request in another process; return what ends that."""
    token = current.set(Trace(request_id=request_id))
    return lambda: current.reset(token)


# A task carries the id of the request that sent it (kit.celery_app).
TASK_HEADERS = {"request_id": Header(lambda: current.get().request_id, begin)}


def client_address(request: HttpRequest) -> str:
    """Return the network address the request came from, or nothing when none can be read.

    Behind `TRUSTED_PROXIES` own proxies it is what the outermost of them saw; what a client writes into X-Forwarded-For itself is never
    believed. What is no address there (`unknown`) is dropped, and the address of the connection counts.
    """
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    proxies = settings.TRUSTED_PROXIES
    forwarded = address_in(hops[-proxies]) if proxies and len(hops) >= proxies else ""
    return forwarded or address_in(str(request.META.get("REMOTE_ADDR", "")))


def address_in(text: str) -> str:
    """Return the IP address in a text such as `10.0.0.9:5000` or `[2001:db8::1]:443`; nothing when it holds none."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)
