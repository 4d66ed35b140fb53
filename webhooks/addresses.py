"""Which addresses messages may go to: public hosts over https, so that nobody reaches the servers behind the application.

The name is looked up once, and the connection goes to the address that was checked (a second look-up could return another one).
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from webhooks.errors import AddressNotAllowed


@dataclass(frozen=True)
class Target:
    """Where a message goes: `host` as it is named, `ip` as it was looked up, `path` with its query."""

    is_https: bool
    host: str
    ip: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        usual = 443 if self.is_https else 80
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == usual else f"{host}:{self.port}"


class NotReachable(Exception):
    """The host has no address, or none that messages may go to."""


def check(url: str) -> str:
    """Return the address as it is stored. Raise AddressNotAllowed for one that can never be sent to."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise AddressNotAllowed(address=url[:100]) from None
    host = parts.hostname or ""
    schemes = ("https", "http") if settings.WEBHOOK_LOCAL else ("https",)
    plain = url.isascii() and url.isprintable() and " " not in url.strip() and not parts.fragment
    named = bool(host) and ("." in host or ":" in host or settings.WEBHOOK_LOCAL)
    if parts.scheme not in schemes or parts.username is not None or port == 0 or not (plain and named):
        raise AddressNotAllowed(address=url[:100])
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return url.strip()
    if not _is_allowed(str(ip)):
        raise AddressNotAllowed(address=url[:100])
    return url.strip()


def look_up(url: str) -> Target:
    """Return where a message to this address goes now. Raise NotReachable."""
    try:
        parts = urlsplit(check(url))
    except AddressNotAllowed as refusal:
        raise NotReachable(str(refusal.message)) from None
    is_https, host = parts.scheme == "https", str(parts.hostname)
    port = parts.port or (443 if is_https else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotReachable("The host has no address.") from None
    ips = {str(row[4][0]) for row in found}
    if not ips or not all(map(_is_allowed, ips)):
        raise NotReachable("The host is not public.")
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    return Target(is_https, host, str(found[0][4][0]), port, path)


def _is_allowed(text: str) -> bool:
    if settings.WEBHOOK_LOCAL:
        return True
    ip = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return _is_allowed(str(ip.ipv4_mapped))
        # Outside of it are addresses of a site and those that lead to an IPv4 address behind a translator.
        if ip not in _GLOBAL_UNICAST or ip.sixtofour or ip.teredo:
            return False
    return ip.is_global and not ip.is_multicast and not any(ip in net for net in _NOT_PUBLIC)


_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
# Relays of 6to4 and documentation, which not every release of Python knows as such.
_NOT_PUBLIC = [ipaddress.ip_network(net) for net in ("192.88.99.0/24", "3fff::/20")]
