"""Browsers and programs that send prepared requests and note every reply: what was acknowledged, what was refused, what broke."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from bench.clients import SECRET

FORM = "application/x-www-form-urlencoded"
BROKEN = 0
# gunicorn closes a connection after two seconds without a request.
IDLE = 1.5
# A page that needs the database each time: of a typed search nothing is kept (`kit.table_versions`).
SEARCH = "/catalogue/?q=7"


@dataclass(frozen=True)
class Ask:
    """One request of one person. `fields` are a form, `data` is JSON; both carry the token against forgery."""

    path: str
    cookie: str = ""
    fields: Mapping[str, Any] | None = None
    data: Any = None
    method: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def parts(self) -> tuple[str, str, bytes | None, dict[str, str]]:
        """Return method, path, body and headers."""
        headers = {"Cookie": self.cookie} if self.cookie else {}
        body: bytes | None = None
        if self.fields is not None:
            headers["Content-Type"] = FORM
            body = urlencode({"csrfmiddlewaretoken": SECRET, **self.fields}, doseq=True).encode()
        elif self.data is not None:
            headers |= {"Content-Type": "application/json", "X-CSRFToken": SECRET}
            body = json.dumps(self.data).encode()
        method = self.method or ("GET" if body is None else "POST")
        return method, self.path, body, headers | dict(self.headers)


@dataclass(frozen=True)
class Reply:
    """A response, or `BROKEN` with the error when the connection ended without one. Times are of the machine's own clock."""

    status: int
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    began: float = 0.0
    seconds: float = 0.0

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    @property
    def code(self) -> str:
        """The code of a refusal by the API (problem+json); empty for anything else."""
        try:
            said = json.loads(self.text)
        except ValueError:
            return ""
        return str(said.get("code", "")) if isinstance(said, dict) else ""

    def __str__(self) -> str:
        return f"{self.status} {self.code or self.location or self.text[:120]}".strip()


class Line:
    """A connection that is kept, as a browser keeps it, and opened anew after a fault."""

    def __init__(self, port: int, timeout: float = 60) -> None:
        self.port, self.timeout = port, timeout
        self._line: http.client.HTTPConnection | None = None
        self._used = 0.0

    def send(self, ask: Ask) -> Reply:
        method, path, body, headers = ask.parts()
        began = time.monotonic()
        if began - self._used > IDLE:
            # The server has closed it, as a browser would notice.
            self.close()
        try:
            if self._line is None:
                self._line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
            self._line.request(method, path, body, headers)
            said = self._line.getresponse()
            text = said.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return Reply(BROKEN, type(error).__name__, began=began, seconds=time.monotonic() - began)
        self._used = time.monotonic()
        found = SimpleCookie()
        for value in said.headers.get_all("Set-Cookie") or ():
            found.load(value)
        cookies = {name: morsel.value for name, morsel in found.items()}
        return Reply(said.status, text, dict(said.headers), cookies, began, time.monotonic() - began)

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None


def send_all(port: int, asks: Sequence[Ask], connections: int = 50) -> list[Reply]:
    """Send all requests over so many connections, the first of them in the same instant; return the replies in the order of `asks`."""
    width = max(1, min(connections, len(asks)))
    gate, local = threading.Barrier(width), threading.local()

    def one(number: int) -> Reply:
        if not hasattr(local, "line"):
            local.line = Line(port)
        if number < width:
            gate.wait(30)
        return local.line.send(asks[number])  # type: ignore[no-any-return]

    with ThreadPoolExecutor(width) as pool:
        return list(pool.map(one, range(len(asks))))


def send(port: int, ask: Ask) -> Reply:
    return Line(port).send(ask)


def until(port: int, ask: Ask, good: Callable[[Reply], bool], seconds: float = 60) -> tuple[Reply, float]:
    """Repeat a request until its reply is good or the time is over; return the last reply and the seconds that passed."""
    began, line = time.monotonic(), Line(port, timeout=10)
    while True:
        reply = line.send(ask)
        passed = time.monotonic() - began
        if good(reply) or passed > seconds:
            return reply, passed
        time.sleep(0.05)


class Load:
    """Requests that go on, over so many connections, until the load is ended.

    Each is taken from an iterator once and repeated until the site is there, as a person tries again after a moment. `replies` has the
    last reply of each, `everything` all of them.
    """

    def __init__(self, port: int, asks: Iterable[Ask], connections: int = 8) -> None:
        self.port = port
        self._asks: Iterator[tuple[int, Ask]] = enumerate(asks)
        self._lock, self._over = threading.Lock(), threading.Event()
        self.replies: dict[int, Reply] = {}
        self.everything: list[Reply] = []
        self.repeated: set[int] = set()
        self._acknowledged = 0
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(connections)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(90)

    @property
    def running(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def acknowledged(self) -> int:
        return self._acknowledged

    def statuses(self) -> Counter[int]:
        return Counter(reply.status for reply in list(self.everything))

    def _run(self) -> None:
        line = Line(self.port, timeout=60)
        while not self._over.is_set():
            with self._lock:
                number, ask = next(self._asks, (-1, None))
            if ask is None:
                break
            while self._note(number, line.send(ask)) and not self._over.wait(0.2):
                self.repeated.add(number)
        line.close()

    def _note(self, number: int, reply: Reply) -> bool:
        """Keep a reply; return whether the site was away."""
        short = replace(reply, text=reply.text[:300], headers={}, cookies={})
        with self._lock:
            self.replies[number] = short
            self.everything.append(short)
            self._acknowledged += 200 <= reply.status < 400
        return reply.status in (BROKEN, 503)
