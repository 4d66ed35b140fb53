"""One POST to a partner's system: no redirect is followed, the certificate must be that of the host, and the whole takes a bounded time."""

import email.utils
import os
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import certifi
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from kit import clock
from webhooks.addresses import Target

# How long an address may take to connect, and between two pieces of its reply (seconds).
CONNECT_SECONDS, ANSWER_SECONDS = 5, 10
# How long a connection lives in all: a partner that sends a byte now and then would hold the worker for ever.
WHOLE_SECONDS = 15.0


class Bounded(HTTPConnection):
    """A connection that is cut off when its time is over; the thread that waits on it then meets an error."""

    timer: threading.Timer | None = None

    def connect(self) -> None:
        super().connect()
        self.timer = threading.Timer(WHOLE_SECONDS, self._cut)
        self.timer.daemon = True
        self.timer.start()

    def close(self) -> None:
        if self.timer:
            self.timer.cancel()
        super().close()

    def _cut(self) -> None:
        # Read once: the other thread may close the connection at this moment.
        sock = self.sock
        if sock is not None:
            with suppress(OSError), socket.socket(fileno=os.dup(sock.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)


class BoundedTls(Bounded, HTTPSConnection):
    """The same over TLS."""


class Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = Bounded


class TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = BoundedTls


@dataclass(frozen=True)
class Reply:
    """The status, and the pause that the partner's system requests before the next attempt (`Retry-After`)."""

    status: int
    pause: timedelta


def post(target: Target, body: bytes, headers: Mapping[str, str]) -> Reply:
    """Send a message and return the reply, whose content is not read. Raise HTTPError of urllib3, OSError or ValueError."""
    whole = {**headers, "Host": target.host_header}
    with pool_of(target) as pool:
        answer = pool.urlopen(
            "POST",
            target.path,
            body=body,
            headers=whole,
            redirect=False,
            retries=False,
            preload_content=False,
        )
        answer.close()
    return Reply(answer.status, pause_of(answer.headers.get("Retry-After", "")))


def pause_of(text: str) -> timedelta:
    """Return the pause of a `Retry-After`, which is in seconds or until a moment; none for one that cannot be read."""
    with suppress(ValueError, OverflowError):
        return timedelta(seconds=int(text))
    try:
        until = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return timedelta(0)
    return until - clock.now() if until.tzinfo else timedelta(0)


def pool_of(target: Target) -> urllib3.HTTPConnectionPool:
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS)
    if not target.is_https:
        return Pool(target.ip, target.port, timeout=timeout)
    return TlsPool(
        target.ip,
        target.port,
        timeout=timeout,
        cert_reqs="CERT_REQUIRED",
        ca_certs=certifi.where(),
        server_hostname=target.host,
        assert_hostname=target.host,
    )
