"""Asking every route as one role and reading the answers whole; what the requests did is undone."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client

from tests.security import matrix
from tests.security.world import World

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    method: str
    route: str
    response: HttpResponseBase
    body: bytes

    def __str__(self) -> str:
        return f"{self.method} {self.route} ({self.response.status_code})"

    @property
    def is_html(self) -> bool:
        return "html" in self.response.get("Content-Type", "") and bool(self.body)


def answers(
    world: World,
    role: str,
    *,
    client: Client | None = None,
    methods: tuple[str, ...] = ("GET", "POST"),
    fields: dict[str, str] | None = None,
    **extra: Any,
) -> Iterator[Answer]:
    """Every route in these methods, about an own object; `fields` go into the query and the form."""
    client, text = client or world.client(role), urlencode(fields or {})
    for route, parts in sorted(matrix.routes().items()):
        path = matrix.address(world, route, parts, role, "own")
        for method in methods:
            yield ask(client, method, route, f"{path}?{text}" if text else path, text, **extra)


def ask(client: Client, method: str, route: str, path: str, text: str = "", **extra: Any) -> Answer:
    cookies = client.cookies.copy()
    with transaction.atomic():
        response = client.generic(method, path, text if method == "POST" else "", content_type=FORM, **extra)
        body = response.getvalue()
        transaction.set_rollback(True)
    client.cookies = cookies
    return Answer(method, route, response, body)


def texts(answer: Answer) -> str:
    """What can be read of an answer: its head and body, spreadsheets unpacked."""
    head = "\n".join(f"{name}: {value}" for name, value in answer.response.items())
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
