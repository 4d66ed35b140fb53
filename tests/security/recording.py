"""One recorded crawl: every route, requested as one role for an object in each relation, once per database and run of the tests.

The tests that judge every page (rights, headers, identity numbers, languages) read what is kept here instead of asking again. The
crawl runs inside a transaction that is undone, in the world of the rights, in which everybody has an identity number and numbers were
typed wherever one may be. Under xdist the first worker that needs a role records it; the others read its file.
"""

import fcntl
import pickle
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

from django.core import mail
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from accounts import route_guard
from kit import rights
from tests.security import crawl, matrix, numbers
from tests.security.crawl import Answer
from tests.security.world import ROLES, World, build

# Refused with 405 before the role, the view and any query (accounts/route_guard.py): requested on SQLite only, for own objects, and
# of the desk as the operator only.
OTHER_METHODS = ("PUT", "DELETE")
METHODS = ("GET", "POST")


@dataclass(frozen=True)
class Recording:
    """The recording of one role: every response, and the e-mails and log lines that were written meanwhile."""

    role: str
    answers: list[Answer]
    mails: list[tuple[str, str]]
    lines: list[tuple[str, str]]

    def own(self) -> Iterator[Answer]:
        """Return the responses to GET and POST for own objects, and of routes without one: one per route and method, with
        its body, unless it is the desk's refusal.
        """
        return (
            answer for answer in self.answers if answer.relation in ("own", "") and answer.method in METHODS
        )

    def followed(self) -> Iterator[Answer]:
        """The pages to which acts lead, with the message about the act."""
        return (answer.followed for answer in self.answers if answer.followed)


_kept: dict[str, Recording] = {}


def recorded(role: str, folder: Path) -> Recording:
    """Return the recording of a role, from this process, from the folder that the workers share, or newly made."""
    if role not in _kept:
        path = _make(role, folder, wait=False)
        for other in ROLES if path is None else ():
            # Another worker records it: meanwhile this one records another role.
            _make(other, folder, wait=False)
        _kept[role] = pickle.loads((path or _made(role, folder)).read_bytes())
    return _kept[role]


def _made(role: str, folder: Path) -> Path:
    path = _make(role, folder, wait=True)
    assert path
    return path


def _make(role: str, folder: Path, *, wait: bool) -> Path | None:
    """Record a role to its file, unless that is done; None if another worker is doing it and this one shall not wait."""
    path = folder / f"crawl-{connection.vendor}-{role}.pickle"
    with path.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return None
        if not path.exists():
            path.write_bytes(pickle.dumps(record(role, folder)))
    return path


def record(role: str, folder: Path) -> Recording:
    """Request everything as the role, and roll back the world that was built for it."""
    cache.clear()
    sent = len(mail.outbox)
    with transaction.atomic(), numbers.log_lines() as lines:
        world = build()
        numbers.give_numbers()
        numbers.through_every_door(world, folder)
        crawl.forget_what_waits_for_a_commit()
        answers = list(_answers(world, role))
        numbers.run_tasks()
        mails = list(numbers.mails())[sent:]
        transaction.set_rollback(True)
    cache.clear()
    return Recording(role, answers, mails, lines.written)


def requests(role: str) -> Iterator[tuple[str, list[str], str, str]]:
    """Yield (route, parts, relation, method) of each request of a role. The relation is "none" for a route about no object."""
    for route, parts in sorted(matrix.routes().items()):
        if connection.vendor != "sqlite" and is_refused_at_the_desk(route, role):
            continue
        relations = matrix.relations_of(matrix.kind_of(route, parts))
        for method in METHODS:
            yield from ((route, parts, one, method) for one in _requested(route, role, method, relations))
        if connection.vendor == "sqlite" and not is_refused_at_the_desk(route, role):
            yield from ((route, parts, relations[0], method) for method in OTHER_METHODS)


def _requested(route: str, role: str, method: str, relations: tuple[str, ...]) -> tuple[str, ...]:
    """Return the relations of the objects that a route is requested for: on PostgreSQL one where the guard refuses the role, which
    it does from the row alone, before the view and any query about an object.
    """
    once = connection.vendor != "sqlite" and matrix.is_guarded(route, role, method)
    return relations[:1] if once else relations


def is_refused_at_the_desk(route: str, role: str) -> bool:
    """Return whether a route is one of the 300 of Django's desk that share one row, and the row does not let the role in: refused
    with the same page, before any query about an object, and so requested on SQLite only. The first page of the desk is always
    requested.
    """
    right = rights.right_of(route)
    shared = route.startswith("admin:") and route not in {*rights.RIGHTS, "admin:index"}
    return shared and right is not None and matrix.reach(right.get, role) is None


def _answers(world: World, role: str) -> Iterator[Answer]:
    client = world.client(role)
    crawl.seen_just_now(client)
    for route, parts, relation, method in requests(role):
        path = matrix.address(world, route, parts, role, relation)
        named = relation if matrix.kind_of(route, parts) else ""
        own = named in ("own", "")
        read = own and method in METHODS and not is_refused_at_the_desk(route, role)
        with nullcontext() if read else _refusals_without_page():
            follow = own and method == "POST"
            answer = crawl.ask(client, method, route, path, role=role, relation=named, follow=follow)
        # Bodies are large: those of the other relations are pages of the same kind, or refusals; all routes of the desk have one refusal.
        yield answer if read else replace(answer, body=b"")


def _refusals_without_page() -> AbstractContextManager[Any]:
    """Let the guard decide as always, but look up and render nothing for the page where the body would be thrown away: eight of
    ten refusals.
    """
    return mock.patch.multiple(route_guard, render=_bare, lost_account=lambda person, admits: None)


def _bare(request: HttpRequest, template: str, context: object, status: int) -> HttpResponse:
    return HttpResponse(status=status)
