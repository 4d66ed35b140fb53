"""Request every route as one role and read the whole responses; the transaction is rolled back."""

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db import connection, transaction
from django.test import Client
from django.utils.datastructures import CaseInsensitiveMapping

from kit import clock
from signin import sessions
from tests.security import matrix
from tests.security.world import World

FORM = "application/x-www-form-urlencoded"
LOG_INS = ("/accounts/login/", "/desk/login/")


@dataclass(frozen=True)
class Answer:
    """What one request got, without the response object, so that it can be kept and judged later."""

    role: str
    method: str
    route: str
    relation: str
    status: int
    headers: Mapping[str, str]
    cookies: SimpleCookie
    body: bytes
    followed: "Answer | None" = None

    def __str__(self) -> str:
        return f"{self.method} {self.route} ({self.status})"

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    @property
    def meaning(self) -> str:
        """`yes`, `no` (403), `hidden` (404), `log in`, `method` (405), or `fault NNN`."""
        if self.status >= 500:
            return f"fault {self.status}"
        if self.status in (301, 302) and self.location.startswith(LOG_INS):
            return "log in"
        return {401: "log in", 403: "no", 404: "hidden", 405: "method"}.get(self.status, "yes")

    @property
    def is_html(self) -> bool:
        return "html" in self.headers.get("Content-Type", "") and bool(self.body)


def answers(
    world: World,
    role: str,
    *,
    client: Client | None = None,
    methods: tuple[str, ...] = ("GET", "POST"),
    fields: dict[str, str] | None = None,
    without: Callable[[str, str], bool] = lambda route, role: False,
    **extra: Any,
) -> Iterator[Answer]:
    """Request every route in these methods for an own object, apart from those for which `without` is true; `fields` go into the
    query and the form.
    """
    client, text = client or world.client(role), urlencode(fields or {})
    for route, parts in sorted(matrix.routes().items()):
        if without(route, role):
            continue
        path = matrix.address(world, route, parts, role, "own")
        for method in methods:
            yield ask(client, method, route, f"{path}?{text}" if text else path, text, role=role, **extra)


def ask(
    client: Client,
    method: str,
    route: str,
    path: str,
    text: str = "",
    *,
    role: str = "",
    relation: str = "own",
    follow: bool = False,
    **extra: Any,
) -> Answer:
    """Send one request and undo what it did; with `follow`, read the page of ours to which it leads first."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        response = client.generic(method, path, text if method == "POST" else "", content_type=FORM, **extra)
        answer = _kept(response, role, method, route, relation)
        if follow and answer.status in (301, 302) and _is_ours(answer.location):
            page = _kept(client.get(answer.location), role, method, route, relation)
            answer = replace(answer, followed=page)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


def seen_just_now(client: Client) -> None:
    """Let the session be as it is for most requests: the one before has just been noted (`sessions.GRAIN`).

    What a request of the crawl notes is undone: after a quarter of a minute each would look up its route once more and write the session.
    """
    if session := client.session if client.cookies else None:
        # An hour ahead, as the second step in `World.client`.
        session[sessions.SEEN] = clock.now().timestamp() + 3600
        session.save()


def forget_what_waits_for_a_commit() -> None:
    """Drop what the building of a world has left for after its commit, which never comes: each request that is undone would go
    through that list.
    """
    connection.run_on_commit.clear()


def _is_ours(target: str) -> bool:
    return target.startswith("/") and not target.startswith(("//", *LOG_INS))


def _kept(response: Any, role: str, method: str, route: str, relation: str) -> Answer:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    headers = CaseInsensitiveMapping(dict(response.items()))
    return Answer(role, method, route, relation, response.status_code, headers, response.cookies.copy(), body)


def texts(answer: Answer) -> str:
    """Return all text of a response: its head and body, spreadsheets unpacked."""
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    if answer.body[:2] != b"PK":
        return f"{head}\n{answer.body.decode(errors='replace')}"
    with zipfile.ZipFile(io.BytesIO(answer.body)) as book:
        return "\n".join([head, *(book.read(name).decode(errors="replace") for name in book.namelist())])


class Markup(HTMLParser):
    """What a Content-Security-Policy without exceptions would forbid, and where a page's links and forms lead."""

    URLS = ("href", "src", "action", "formaction", "hx-get", "hx-post")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.hosts: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        is_data = given.get("type") in ("application/json", "text/template")
        if tag == "style" or (tag == "script" and "src" not in given and not is_data):
            self.inline.append(f"<{tag}>")
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        for value in (given[name].strip() for name in self.URLS if name in given):
            is_picture = tag == "img" and value.startswith("data:image/")
            if value.lower().startswith(("javascript:", "data:", "vbscript:")) and not is_picture:
                self.inline.append(value[:40])
            if host := urlsplit(value).hostname:
                self.hosts.add(host)
