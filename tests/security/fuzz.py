"""Odd requests, drawn at random from a seed: any route, role and method, with odd values in path, query, form, JSON, files and heads.

Half of them start from what the page itself would send (its own form, read out of the GET) with one to three fields made odd, so that
they get past the first check. What a request did is undone.
"""

import json
import random
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import got_request_exception
from django.db import transaction
from django.test.client import encode_multipart

from inservice.packages import PACKAGES
from kit import rights
from tests.security import matrix
from tests.security.world import ROLES, World

HANG_SECONDS, SLOW_SECONDS = 10, 1.0
BOUNDARY = "odd"
ODD = [
    "", " ", "0", "-1", "1", "2", "x", "\0", "a\0b", "%00", "%", "'\"<>&", "\u202e", "\u200b", "\ufeff", "\uffff", "\ud7ff", "１２", "²", "³", "٣", "1e9",
    "NaN", "Infinity", "-0", "1.5", "3.05", "true", "null", "[]", "{}", "[1]", "None", "../../etc/passwd", "//evil.example", "me", "/me/\\x", "javascript:1",
    "32768", "2147483648", "9223372036854775808", "99999999999999999999", "9" * 40, "9" * 5000, "1" * 300, "甲" * 300, "a" * 5000, "a,b", "a;b",
    "0001-01-01", "9999-12-31", "9999-13", "2026-02-30", "2026-11", "0000-00", "1911-12-31", "115-11-24", "24:00", "23:59", "99:99", "0000-01-01T00:00",
    "9999-12-31T23:59", "\r\n", "\n\n", "a\tb", "A123456789", "a@b.c", "a@" + "b" * 300 + ".c", "+886", "=1+1", "csv", "svg", "html", "zh-hant", "register",
    "close", "approve", "attended", "draft", "operator", "absent", "🏫", "é" * 130,
]  # fmt: skip
NO_NUL = [value for value in ODD if "\0" not in value]
# JSON that no text can be: what an API or a hidden field may get.
ODD_JSON: list[Any] = [
    None, True, False, 0, -1, 1, 10**30, -(10**30), 1.5, float("1e300"), [], {}, [[]], [{}], {"a": 1}, [1, 2], "\ud800", "\0", ["\0"], {"\0": 1},
]  # fmt: skip
HEADS = {
    "HTTP_X_BUSINESS_ACCOUNT": ODD,
    "HTTP_X_FORWARDED_FOR": ["unknown", "10.0.0.9:5000", "[2001:db8::1]:443", "x", ",,,", "\0"],
    "HTTP_ACCEPT_LANGUAGE": ["en", "xx", "*", "zh-hant;q=x", "a" * 6000, "\0"],
    "HTTP_USER_AGENT": ["", "\0", "x" * 3000, "é"],
    "HTTP_REFERER": ["", "me", "http://[", "https://evil.example/", "\0"],
    "HTTP_ACCEPT": ["*/*", "text/csv", "x", "application/vnd.oai.openapi", "application/xml", ";"],
    "HTTP_IF_NONE_MATCH": ['"x"', "*", "\0"],
    "HTTP_IF_MODIFIED_SINCE": ["x", "Thu, 01 Jan 9999 00:00:00 GMT"],
    "HTTP_RANGE": ["bytes=0-1", "bytes=9-1", "x"],
    "HTTP_HX_REQUEST": ["true", "x"],
    "HTTP_HX_CURRENT_URL": ["me", "http://[", "\0"],
    "HTTP_AUTHORIZATION": ["Token", "Token x", "Token \0", "Token é", "Basic x", "Token a b"],
    "HTTP_COOKIE": ['session="\\000aaaaaaaaaa"', "session=x", "csrf=\0", "theme=\0; language=\0", "messages=x:y", 'device="\\377"'],
    "HTTP_X_REQUESTED_WITH": ["XMLHttpRequest"],
}  # fmt: skip
METHODS = ["GET"] * 5 + ["POST"] * 7 + ["OPTIONS", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "FOO"]
# A log-out only costs the next requests their session, and what these draw has tests of its own.
LEFT_OUT = {"account_logout", "admin:logout"}
TYPED = re.compile(
    r"""(?:GET|POST|query_params|cleaned_data|data)(?:\.get|\.getlist)?[(\[]["']([A-Za-z_-]+)["']"""
)


def names_read() -> list[str]:
    """Every name under which the code reads a query or a form, as its sources say."""
    found: set[str] = set()
    for app in PACKAGES:
        for path in (Path(settings.BASE_DIR) / app).rglob("*.py"):
            found.update(TYPED.findall(path.read_text()))
    return sorted(found)


class Fields(HTMLParser):
    """The values that the forms of a page would send unchanged, form by form: their action, method and values."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self._select = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(
                {"action": given.get("action", ""), "method": given.get("method", "get"), "fields": {}}
            )
        if not self.forms:
            return
        fields, name = self.forms[-1]["fields"], given.get("name", "")
        if tag == "select":
            self._select = name
        if tag == "option" and self._select and (self._select not in fields or "selected" in given):
            fields[self._select] = given.get("value", "")
        if name and tag in ("input", "button", "textarea"):
            if given.get("type") not in ("checkbox", "radio") or "checked" in given or name not in fields:
                fields[name] = given.get("value", "")


@dataclass
class Draw:
    """One request: what is sent, and how it is described on a failure."""

    role: str
    method: str
    route: str
    path: str
    body: bytes = b""
    content_type: str = "application/x-www-form-urlencoded"
    heads: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        said = f"{self.role} {self.method} {self.route} {self.path[:200]!r}"
        return f"{said} {self.body[:300]!r} { ({k: v[:60] for k, v in self.heads.items()} or '') }"


@dataclass
class Findings:
    faults: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    sent: int = 0


class Fuzz:
    def __init__(self, world: World, seed: int) -> None:
        self.world, self.chance = world, random.Random(seed)
        self.routes = {name: parts for name, parts in matrix.routes().items() if name not in LEFT_OUT}
        self.desk = [name for name in self.routes if name.startswith("admin:")]
        self.own = [name for name in self.routes if name not in self.desk]
        self.names = names_read()
        self.clients = {role: world.client(role) for role in ROLES}
        self.cookies = {role: client.cookies.copy() for role, client in self.clients.items()}
        self.with_nul, self.waiting = False, list[str]()
        self.pages: dict[tuple[str, str], list[dict[str, Any]]] = {}

    # --- Drawing -----------------------------------------------------------------------------------------------------
    def draw(self) -> Draw:
        role, route = self.chance.choice(ROLES), self._next_route()
        if self.chance.random() < 0.1:
            role, route = "operator", self.chance.choice(self.desk)
        method, self.with_nul = self.chance.choice(METHODS), self.chance.random() < 0.15
        if self.chance.random() < 0.7:
            role, method = self._who_may(role, route, method)
        path = self._path(role, route)
        if method == "POST" and self.chance.random() < 0.5:
            if found := self._from_page(role, route, path):
                return self._with_heads(found)
        if method == "POST" and self.chance.random() < 0.6:
            drawn = self._posted(role, route, path)
        else:
            query = urlencode(self._odd_fields(), doseq=True)
            drawn = Draw(role, method, route, f"{path}?{query}" if self.chance.random() < 0.8 else path)
        return self._with_heads(drawn)

    def _next_route(self) -> str:
        """Every route as often as any other, in an order of chance."""
        if not self.waiting:
            self.waiting = self.chance.sample(self.own, len(self.own))
        return self.waiting.pop()

    def _who_may(self, role: str, route: str, method: str) -> tuple[str, str]:
        """A role and method that get past the first check, so that what lies behind it is reached."""
        right = rights.right_of(route)
        ways = {"GET": right.get, "POST": right.post} if right else {}
        open_ways = {
            way: sorted(role for role in ROLES if matrix.reach(who, role) is not None)
            for way, who in ways.items()
            if who
        }
        if not any(open_ways.values()):
            return role, method
        if not open_ways.get(method):
            method = self.chance.choice([way for way, roles in open_ways.items() if roles])
        return self.chance.choice(open_ways[method]), method

    def _path(self, role: str, route: str) -> str:
        parts = self.routes[route]
        relation = self.chance.choice(matrix.relations_of(matrix.kind_of(route, parts)))
        path = matrix.address(self.world, route, parts, role, self.chance.choice((relation, "own", "none")))
        if parts and self.chance.random() < 0.3:
            pieces = path.strip("/").split("/")
            pieces[self.chance.randrange(len(pieces))] = quote(self.chance.choice(ODD), safe="") or "x"
            path = "/" + "/".join(pieces) + ("/" if path.endswith("/") else "")
        return path

    def _odd_fields(self) -> dict[str, Any]:
        if self.chance.random() < 0.35:
            return dict.fromkeys(self.names, self._odd())
        chosen = self.chance.sample(self.names, self.chance.choice((1, 2, 5, len(self.names))))
        return {name: self._odd() for name in chosen}

    def _odd(self) -> Any:
        # NUL ends a request at the door; only few draws may, or nothing else would be tried.
        values = ODD if self.with_nul else NO_NUL
        value = self.chance.choice(values)
        return [value, self.chance.choice(values)] if self.chance.random() < 0.1 else value

    def _posted(self, role: str, route: str, path: str) -> Draw:
        if route.startswith("api:") or self.chance.random() < 0.05:
            return Draw(role, "POST", route, path, self._json(), "application/json")
        fields = self._odd_fields()
        if self.chance.random() < 0.2:
            return self._multipart(role, route, path, fields)
        return Draw(role, "POST", route, path, urlencode(fields, doseq=True).encode())

    def _multipart(self, role: str, route: str, path: str, fields: dict[str, Any]) -> Draw:
        names = ("a.csv", "\u202e.pdf", "x" * 200 + ".xlsx", "a.ods", "a\0.pdf")
        content = (
            b"",
            b"\0",
            b"%PDF-1",
            b"PK\x03\x04broken",
            "姓名,身分證字號\n甲,A123456789\n".encode(),
            b"\xff\xfe" * 50,
        )
        for name in ("file", "proof"):
            fields[name] = SimpleUploadedFile(self.chance.choice(names), self.chance.choice(content))
        body = encode_multipart(BOUNDARY, fields)
        return Draw(role, "POST", route, path, body, f"multipart/form-data; boundary={BOUNDARY}")

    def _json(self) -> bytes:
        row = {
            "enrolment": self._json_value(),
            "state": self._json_value("attended"),
            "hours": self._json_value("3"),
        }
        walk_in = {
            "person": self._json_value("A123456789"),
            "name": self._json_value("甲"),
            "hours": self._json_value("3"),
        }
        whole: Any = {
            "request_key": self._json_value("k"),
            "marks": self._json_value([row]),
            "walk_ins": self._json_value([walk_in]),
        }
        text = json.dumps(self.chance.choice((whole, whole, whole, self._json_value())))
        return self.chance.choice((text, text, text, "[" * 5000, "9" * 5000, "{", text[:-2], "\xff")).encode(
            "latin-1", "replace"
        )

    def _json_value(self, proper: Any = 1) -> Any:
        return proper if self.chance.random() < 0.6 else self.chance.choice([*ODD_JSON, *ODD])

    def _from_page(self, role: str, route: str, path: str) -> Draw | None:
        """What one of the page's own forms sends, with a few of its fields made odd."""
        if (role, path) not in self.pages:
            if len(self.pages) > 400:
                self.pages.clear()
            self.pages[role, path] = self._forms_of(role, path)
        forms = self.pages[role, path]
        if not forms:
            return None
        form = self.chance.choice(forms)
        fields = dict(form["fields"])
        for _ in range(self.chance.choice((1, 1, 2, 3))):
            fields[self.chance.choice([*fields] * 9 + self.names)] = self._odd()
        return Draw(role, "POST", route, form["action"], urlencode(fields, doseq=True).encode())

    def _forms_of(self, role: str, path: str) -> list[dict[str, Any]]:
        answer = self._ask(Draw(role, "GET", "", path))
        if answer.status_code != 200 or "html" not in answer.get("Content-Type", "") or answer.streaming:
            return []
        found = [form for form in Fields(answer.content.decode()).forms if form["method"].lower() == "post"]
        for form in found:
            form["action"] = form["action"] or path
        passing = ("/i18n/setlang/", "/theme/", "/accounts/logout/", "/hat/")
        return [
            form for form in found if form["action"] not in passing and form["action"].startswith("/")
        ] or found[:1]

    def _with_heads(self, drawn: Draw) -> Draw:
        if self.chance.random() < 0.15:
            name = self.chance.choice(list(HEADS))
            drawn.heads[name] = self.chance.choice(HEADS[name])
        return drawn

    # --- Sending -----------------------------------------------------------------------------------------------------
    def _ask(self, drawn: Draw) -> Any:
        client = self.clients[drawn.role]
        # Undone with the database: what a cookie of the last request, or a limit in the cache, would make of this one.
        client.cookies = self.cookies[drawn.role].copy()
        cache.clear()
        with transaction.atomic():
            answer = client.generic(
                drawn.method, drawn.path, drawn.body, content_type=drawn.content_type, **drawn.heads
            )
            if getattr(answer, "streaming", False):
                b"".join(answer.streaming_content)
            transaction.set_rollback(True)
        return answer

    def send(self, drawn: Draw, found: Findings) -> None:
        raised: list[str] = []
        note = _noting(raised)
        started = time.monotonic()
        with _alarm(HANG_SECONDS):
            try:
                answer = self._ask(drawn)
                status = answer.status_code
            except Exception as error:  # What reaches the server itself: as good as a 500.
                status = 599
                raised.append(f"{type(error).__name__}: {str(error)[:200]}")
            finally:
                got_request_exception.disconnect(note)
        took = time.monotonic() - started
        found.sent += 1
        found.statuses[status] = found.statuses.get(status, 0) + 1
        if status >= 500:
            found.faults.append(f"{status} {drawn} {' | '.join(raised)}")
        if took > SLOW_SECONDS:
            found.slow.append(f"{took:.1f} s {drawn}")

    def run(self, requests: int) -> Findings:
        found = Findings()
        while found.sent < requests:
            self.send(self.draw(), found)
        return found


def _noting(raised: list[str]) -> Callable[..., None]:
    def note(sender: Any, request: Any, **_kwargs: Any) -> None:
        import sys
        import traceback

        error = sys.exception() if hasattr(sys, "exception") else sys.exc_info()[1]
        if error is not None:
            ours = [
                f for f in traceback.extract_tb(error.__traceback__) if str(settings.BASE_DIR) in f.filename
            ]
            where = next((f for f in reversed(ours) if ".venv" not in f.filename), None)
            at = f" at {Path(where.filename).name}:{where.lineno}" if where else ""
            raised.append(f"{type(error).__name__}: {str(error)[:200]}{at}")

    got_request_exception.connect(note, weak=False)
    return note


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in a request that takes longer."""

    def ring(*_: Any) -> None:
        raise TimeoutError(f"no answer within {seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
