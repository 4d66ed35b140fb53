"""Every page of the site as each role sees it, its readable texts, and a world whose data are Latin only."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models.signals import pre_save
from django.test import Client

from accounts.models import County, Level, Title, User
from kit import rights
from tests.security import crawl, matrix
from tests.security.crawl import Answer
from tests.security.world import ROLES, World, build

CJK = re.compile(r"[\u2e80-\u2fff\u3000-\u303f\u3400-\u9fff\uff01-\uff60]")
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "use", "wbr"}
READ_ATTRIBUTES = ("placeholder", "title", "aria-label", "alt", "data-confirm", "label")
# Not pages of ours to read: pictures, files, the machine's own schema and its viewer.
NOT_READ = {"handbook:shot", "api:schema", "api:docs"}


class Texts(HTMLParser):
    """What a person reads, or a screen reader speaks. Parts in a language of their own (`lang`) are left out, as a screen reader changes its voice."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.found: list[str] = []

    @property
    def hidden(self) -> bool:
        return any(skips for _, skips in self.open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        skips = tag in ("script", "style", "code", "textarea") or ("lang" in facts and tag != "html")
        if tag not in VOID:
            self.open.append((tag, skips))
        if not self.hidden and not skips:
            self.found += [facts[name] or "" for name in READ_ATTRIBUTES if facts.get(name)]
            if tag == "input" and facts.get("type") in ("submit", "button"):
                self.found.append(facts.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        while self.open and tag in [name for name, _ in self.open]:
            if self.open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        if data.strip() and not self.hidden:
            self.found.append(" ".join(data.split()))


def texts(html: str) -> list[str]:
    reader = Texts()
    reader.feed(html)
    return reader.found


def latin(value: str) -> str:
    """The same length and as unlike others as before: each Chinese character becomes two Latin letters."""
    return CJK.sub(lambda m: "bdfgklmnprstvz"[ord(m[0]) % 14] + "aeiou"[ord(m[0]) % 5], value)


def _latinise(sender: Any, instance: models.Model, anything: bool = False, **_: Any) -> None:
    if sender is County and not anything:
        return
    for field in instance._meta.concrete_fields:
        value = getattr(instance, field.attname)
        if isinstance(value, str) and CJK.search(value) and not field.choices:
            setattr(instance, field.attname, latin(value)[: field.max_length or None])


def latin_world() -> World:
    """The world of the rights matrix in which nobody and nothing has a Chinese name, so that Chinese on a page is the page's own."""
    pre_save.connect(_latinise)
    try:
        world = build()
    finally:
        pre_save.disconnect(_latinise)
    # What is there from the migrations, and the counties, which are looked up by their names while the world is built.
    for model in [County, Level, Title, *apps.get_app_config("courses").get_models()]:
        for row in model._default_manager.all():
            _latinise(model, row, anything=True)
            row.save()
    return world


def clients(world: World, language: str) -> dict[str, Client]:
    User.objects.update(language=language)
    for user in world.people.values():
        user.refresh_from_db()
    found = {role: world.client(role) for role in ROLES}
    for client in found.values():
        crawl.seen_just_now(client)
    found["visitor"].cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return found


def pages(world: World, language: str, method: str = "GET") -> Iterator[tuple[str, str]]:
    """(role and route, HTML) of each page that a role may open, or of the answer to an empty form."""
    readers = clients(world, language)
    crawl.forget_what_waits_for_a_commit()
    for role, client in readers.items():
        for route, parts in sorted(matrix.routes().items()):
            if is_read(role, route, method):
                path = matrix.address(world, route, parts, role, "own")
                answer = crawl.ask(client, method, route, path, role=role, follow=method == "POST")
                yield from read(answer)


def is_read(role: str, route: str, method: str) -> bool:
    """Whether the role may open the page or send the form, and it is one of ours to read."""
    right = rights.right_of(route)
    reach = matrix.reach(right.audience(method), role) if right else None
    return route not in NOT_READ and not route.startswith("admin:") and reach is not None


def read(answer: Answer) -> Iterator[tuple[str, str]]:
    """(role and route, HTML or sentences) of an answer, or of the page to which it leads."""
    page = answer.followed or answer
    where = f"{answer.method} {answer.role} {answer.route} {page.status}"
    if page.headers.get("Content-Type", "").startswith("text/html"):
        yield where, page.body.decode()
    elif page.status >= 400 and "json" in page.headers.get("Content-Type", ""):
        yield where, " ".join(_sentences(json.loads(page.body)))


def _sentences(said: Any) -> Iterator[str]:
    """What an answer of the API says to people; its codes and names are a program's."""
    if isinstance(said, dict):
        for name, value in said.items():
            yield from _sentences(value) if name != "code" else ()
    elif isinstance(said, list):
        for value in said:
            yield from _sentences(value)
    else:
        yield str(said)
