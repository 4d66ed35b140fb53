"""Partners' systems that are slow, overloaded, hostile or untrusted: each costs a bounded time, and none loses a message."""

import base64
import hashlib
import hmac
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings

from kit import clock
from tests.factories import acting, make_lead
from tests.webhooks.test_webhooks import add
from webhooks import addresses, posting
from webhooks.actions import sending, webhooks
from webhooks.models import Delivery, Webhook

pytestmark = pytest.mark.django_db
Talk = Callable[[socket.socket, threading.Event], None]


class Server:
    """Reply on loopback as a test wants, and keep the requests that were read."""

    def __init__(self, talk: Talk) -> None:
        self.talk, self.stop = talk, threading.Event()
        self.lines = 0
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while not self.stop.is_set():
            with suppress(OSError):
                line, _ = self.listening.accept()
                self.lines += 1
                with line:
                    self.talk(line, self.stop)

    def end(self) -> None:
        self.stop.set()
        with suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        self.thread.join(5)


@pytest.fixture
def serve(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Talk], Server]]:
    settings.WEBHOOK_LOCAL = True
    monkeypatch.setattr(posting, "WHOLE_SECONDS", 0.6)
    monkeypatch.setattr(posting, "ANSWER_SECONDS", 0.4)
    made: list[Server] = []

    def begin(talk: Talk) -> Server:
        made.append(Server(talk))
        return made[-1]

    yield begin
    for server in made:
        server.end()


def replying(text: str) -> Talk:
    def talk(line: socket.socket, stop: threading.Event) -> None:
        line.recv(1 << 16)
        line.sendall(text.encode())

    return talk


def without_end(text: str, piece: str) -> Talk:
    def talk(line: socket.socket, stop: threading.Event) -> None:
        line.recv(1 << 16)
        line.sendall(text.encode())
        while not stop.wait(0.02):
            line.sendall(piece.encode() * 100)

    return talk


def silent(line: socket.socket, stop: threading.Event) -> None:
    stop.wait(5)


def deliver(url: str) -> Delivery:
    """Send a test message and return what became of it."""
    lead = make_lead()
    webhook, _secret = add(lead, url)
    row = webhooks.test(webhook=webhook, by=acting(lead))
    begun = time.monotonic()
    sending.send_waiting()
    assert time.monotonic() - begun < 4
    row.refresh_from_db()
    return row


# --- What costs a bounded time -----------------------------------------------------------------------------------------
HOSTILE = {
    "silent": silent,
    "continues for ever": without_end("", "HTTP/1.1 100 Continue\r\n\r\n"),
    "headers without end": without_end("HTTP/1.1 200 OK\r\n", "X: y\r\n"),
    "hangs up": replying(""),
    "speaks something else": replying("SSH-2.0-OpenSSH_9.2\r\n"),
    "redirects inside": replying(
        "HTTP/1.1 307 x\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    ),
}


@pytest.mark.parametrize("talk", HOSTILE.values(), ids=HOSTILE)
def test_no_partner_holds_the_worker(serve: Callable[[Talk], Server], talk: Talk) -> None:
    server = serve(talk)
    row = deliver(f"http://127.0.0.1:{server.port}/")
    assert row.delivered_at is None and row.last_error and row.attempts == 1
    assert server.lines == 1


@pytest.mark.parametrize("head", ["Content-Length: 99999999999\r\n\r\n", "X: "], ids=["body", "header"])
def test_what_follows_a_2xx_without_end_is_not_waited_for(serve: Callable[[Talk], Server], head: str) -> None:
    server = serve(without_end(f"HTTP/1.1 200 OK\r\n{head}", "x"))
    assert deliver(f"http://127.0.0.1:{server.port}/").delivered_at


def test_a_handshake_of_tls_that_does_not_end_is_cut_off(
    serve: Callable[[Talk], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "CONNECT_SECONDS", 0.5)

    def drip(line: socket.socket, stop: threading.Event) -> None:
        # The head of a long record, and then a byte of it now and then.
        line.sendall(b"\x16\x03\x03\x3f\xff")
        while not stop.wait(0.05):
            line.sendall(b"\x02")

    row = deliver(f"https://127.0.0.1:{serve(drip).port}/")
    assert row.delivered_at is None and row.attempts == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(
    serve: Callable[[Talk], Server], tmp_path: Path
) -> None:
    """Also where the address is that of the host."""
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    words = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        key,
        "-out",
        cert,
        "-days",
        "2",
    ]
    more = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*words, *more], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    read: list[bytes] = []

    def talk(line: socket.socket, stop: threading.Event) -> None:
        with context.wrap_socket(line, server_side=True) as tls:
            read.append(tls.recv(1 << 16))

    row = deliver(f"https://localhost:{serve(talk).port}/")
    assert row.last_error == "SSLError" and not read


def test_no_proxy_of_the_environment_is_used(
    serve: Callable[[Talk], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would look the name up once more, and could be led inside."""
    proxy = serve(replying("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    for name in ("http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    server = serve(replying("HTTP/1.1 204 x\r\n\r\n"))
    assert deliver(f"http://127.0.0.1:{server.port}/").delivered_at
    assert (server.lines, proxy.lines) == (1, 0)


def test_a_name_that_changes_between_two_look_ups_leads_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the first reply is public, all later ones are not."""
    replies = [("8.8.8.8", 443)]
    looked: list[str] = []

    def look_up(host: str, port: Any, *args: Any, **more: Any) -> Any:
        looked.append(host)
        found = replies.pop() if replies else ("127.0.0.1", 443)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", found)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    connected: list[Any] = []

    def connect(self: socket.socket, address: Any) -> None:
        connected.append(address)
        raise ConnectionRefusedError

    target = addresses.look_up("https://partner.example/hook")
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, *a, **m: [(2, 1, 6, "", (host, port))])
    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(Exception, match="refused|establish"):
        posting.post(target, b"{}", {})
    assert looked == ["partner.example"] and connected == [("8.8.8.8", 443)]


@pytest.mark.parametrize(
    "host", ["127.1", "0x7f.0.0.1", "0177.0.0.1", "localtest.example", "2130706433.example"]
)
def test_no_way_to_write_an_address_leads_inside(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if host.endswith("example"):
        rows = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::ffff:127.0.0.1", 443, 0, 0))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: rows)
    with pytest.raises(addresses.NotReachable):
        addresses.look_up(f"https://{host}/")


# --- Overloaded partners -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", [429, 503])
def test_a_partner_that_is_overloaded_gets_the_pause_that_it_requests(
    serve: Callable[[Talk], Server], status: int
) -> None:
    server = serve(replying(f"HTTP/1.1 {status} x\r\nRetry-After: 7200\r\nContent-Length: 0\r\n\r\n"))
    now = clock.now()
    row = deliver(f"http://127.0.0.1:{server.port}/")
    assert row.last_error == f"HTTP {status}"
    assert timedelta(0) <= row.next_at - now - timedelta(hours=2) < timedelta(seconds=30)
    with time_machine.travel(now + timedelta(minutes=90), tick=False):
        assert sending.send_waiting() == {"taken": 0, "failed": 0}
    assert server.lines == 1


def test_a_pause_is_a_day_at_most_and_never_shorter_than_the_own_one(serve: Callable[[Talk], Server]) -> None:
    for text, wanted in (
        ("999999999", sending.PAUSES[-1]),
        ("1", sending.PAUSES[0]),
        ("-5", sending.PAUSES[0]),
    ):
        server = serve(replying(f"HTTP/1.1 429 x\r\nRetry-After: {text}\r\nContent-Length: 0\r\n\r\n"))
        now = clock.now()
        row = deliver(f"http://127.0.0.1:{server.port}/")
        assert timedelta(0) <= row.next_at - now - wanted < timedelta(seconds=30)


def test_a_pause_is_read_in_seconds_and_until_a_moment() -> None:
    at = datetime(2026, 11, 24, 3, tzinfo=UTC)
    with time_machine.travel(at, tick=False):
        assert posting.pause_of("120") == timedelta(minutes=2)
        assert posting.pause_of(format_datetime(at + timedelta(hours=1), usegmt=True)) == timedelta(hours=1)
        for text in ("", "soon", "9" * 400, "Tue, 24 Nov 2026 03:00:00", "٣"):
            assert posting.pause_of(text) <= timedelta(seconds=3)


def test_a_message_is_never_given_up_without_its_webhook_being_paused(
    serve: Callable[[Talk], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that dies between the two would leave a message that nobody misses."""
    server = serve(replying("HTTP/1.1 410 x\r\nContent-Length: 0\r\n\r\n"))
    lead = make_lead()
    webhook, _secret = add(lead, f"http://127.0.0.1:{server.port}/")
    row = webhooks.test(webhook=webhook, by=acting(lead))
    pause = sending.pause

    def dying(*args: Any) -> None:
        pause(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(sending, "pause", dying)
    with pytest.raises(KeyboardInterrupt):
        sending.send_waiting()
    row.refresh_from_db()
    webhook.refresh_from_db()
    assert row.given_up_at is None and webhook.paused_at is None


# --- A worker of its own that is killed ----------------------------------------------------------------------------------
def verified(secret: str, headers: dict[str, str], body: str) -> bool:
    """The few lines of a partner that knows only the standard."""
    key = base64.b64decode(secret.split("_", 1)[1])
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    mark = "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return mark in headers["webhook-signature"].split(" ")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_it_sends_leaves_the_message_to_the_next_one(
    serve: Callable[[Talk], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The partner gets it twice, under one number; the rest once, in the order in which they were made."""
    got: list[tuple[dict[str, str], str]] = []
    slow = threading.Event()

    def talk(line: socket.socket, stop: threading.Event) -> None:
        text = b""
        while b"\r\n\r\n" not in text:
            text += line.recv(1 << 16)
        head, _, body = text.partition(b"\r\n\r\n")
        rows = (row.decode().split(": ", 1) for row in head.split(b"\r\n")[1:])
        headers = {name.lower(): value for name, value in rows}
        while len(body) < int(headers["content-length"]):
            body += line.recv(1 << 16)
        got.append((headers, body.decode()))
        if not slow.is_set():
            slow.set()
            stop.wait(3)
        line.sendall(b"HTTP/1.1 204 x\r\n\r\n")

    server = serve(talk)
    lead = make_lead()
    webhook, secret = add(lead, f"http://127.0.0.1:{server.port}/")
    made = [webhooks.test(webhook=webhook, by=acting(lead)).message_id for _ in range(3)]
    worker = subprocess.Popen([sys.executable, "-c", WORKER], cwd=django_settings.BASE_DIR, env=environment())
    assert slow.wait(60)
    worker.kill()
    assert worker.wait() == -signal.SIGKILL
    assert not Delivery.objects.exclude(delivered_at=None).exists()
    time.sleep(3.5)
    monkeypatch.setattr(posting, "WHOLE_SECONDS", 15)
    # The worker works at the real time.
    held = max(Delivery.objects.values_list("next_at", flat=True))
    with time_machine.travel(held + timedelta(seconds=1), tick=False):
        assert sending.send_waiting() == {"taken": 3, "failed": 0}
    assert [headers["webhook-id"] for headers, _body in got] == [made[0], *made]
    assert all(verified(secret, headers, body) for headers, body in got)
    assert not verified("whsec_" + "A" * 43 + "=", *got[0])
    assert not Webhook.objects.exclude(paused_at=None).exists()


WORKER = """
import django
django.setup()
from django.conf import settings
settings.WEBHOOK_LOCAL = True
from webhooks.actions import sending
sending.send_waiting()
"""


def environment() -> dict[str, str]:
    """The environment of a process on the database of the test."""
    from urllib.parse import urlsplit

    from django.db import connection

    url = urlsplit(os.environ["DATABASE_URL"])
    name = connection.settings_dict["NAME"]
    keys = {"SECRET_KEY": django_settings.SECRET_KEY, "FIELD_KEYS": ",".join(django_settings.FIELD_KEYS)}
    keys |= {
        "DATABASE_URL": url._replace(path=f"/{name}").geturl(),
        "DJANGO_SETTINGS_MODULE": "inservice.settings",
    }
    return {**os.environ, **keys}
