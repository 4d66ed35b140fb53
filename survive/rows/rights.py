"""Row 1: every route as every role, about an object in each relation, over HTTP against the table of rights."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from http.cookies import SimpleCookie

from django.urls import reverse

from bench.clients import SECRET
from survive import scenes
from survive.clients import Ask, Line, Reply
from survive.row import Result, row
from survive.stack import Stack
from tests.security import matrix
from tests.security.crawl import Answer
from tests.security.test_rights import expected
from tests.security.world import ROLES, World, build

METHODS = ("GET", "POST")


@dataclass(frozen=True)
class Cell:
    role: str
    route: str
    relation: str
    method: str
    path: str


@row(
    "1",
    "rights matrix over HTTP, all roles and relations",
    "≥ 2,000, 0 leaks",
    # Every third cell; neither number shares a factor with the ten requests of a route (five relations, two methods).
    full={"connections": 4, "every": 3},
    short={"connections": 4, "every": 101},
)
def rights(stack: Stack, connections: int, every: int) -> Result:
    result = Result()
    world = build()
    cookies = {role: cookie_of(world, role) for role in ROLES}
    wanted = [cell for role in ROLES for cell in cells(world, role)][::every]
    with ThreadPoolExecutor(connections) as pool:
        parts = [wanted[number::connections] for number in range(connections)]
        found = [
            one
            for part in pool.map(lambda part: ask_all(stack.site.port, part, cookies), parts)
            for one in part
        ]
    result.tries = len(found)
    for cell, reply in found:
        judge(result, cell, reply)
    result.expect(every > 3 or result.tries >= 2000, f"only {result.tries} cells")
    twin(result, found)
    result.text = f"{len(matrix.routes())} routes as {len(ROLES)} roles"
    return result


def cookie_of(world: World, role: str) -> str:
    if role == "visitor":
        return f"csrf={SECRET}"
    (cookie,) = scenes.sessions([world.people[role]])
    return cookie


def cells(world: World, role: str) -> Iterator[Cell]:
    for route, parts in sorted(matrix.routes().items()):
        for relation in matrix.relations_of(matrix.kind_of(route, parts)):
            path = matrix.address(world, route, parts, role, relation)
            for method in METHODS:
                yield Cell(role, route, relation, method, path)


def ask_all(port: int, part: Sequence[Cell], cookies: dict[str, str]) -> list[tuple[Cell, Reply]]:
    """Request so many cells over one connection; each request is rolled back, so that all find the same rows."""
    line = Line(port)
    found = []
    for cell in part:
        ask = Ask(
            cell.path,
            cookies[cell.role],
            # No body: the interface for programs takes JSON only, the pages' forms are empty.
            method=cell.method,
            headers={"X-Survive-Undo": "1", "X-CSRFToken": SECRET},
        )
        found.append((cell, line.send(ask)))
    line.close()
    return found


def judge(result: Result, cell: Cell, reply: Reply) -> None:
    """Hold a reply against the table, as `tests/security/test_rights.py` does with its crawl."""
    answer = Answer(
        cell.role, cell.method, cell.route, cell.relation, reply.status, reply.headers, SimpleCookie(), b""
    )
    if reply.location.startswith(reverse("account_reauthenticate")):
        # The library wants a fresh confirmation before it looks for the object: nothing is shown or done.
        return
    allowed = expected(cell.route, cell.method, cell.role, cell.relation)
    what = f"{cell.method} {cell.route} {cell.role} × {cell.relation}"
    result.expect(
        answer.meaning in allowed, f"{what}: {answer.meaning} ({reply.status}), not {sorted(allowed)}"
    )


def twin(result: Result, found: Sequence[tuple[Cell, Reply]]) -> None:
    """A door that is opened by hand is seen."""
    shut = [(cell, reply) for cell, reply in found if reply.status in (403, 404)]
    probe = Result()
    for cell, reply in shut[:1]:
        judge(probe, cell, replace(reply, status=200))
    result.expect(probe.faults, "a door opened by hand was not seen")
