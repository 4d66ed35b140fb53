"""The rights matrix: every cell of `kit.rights`, held against the recorded crawl of the site."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection
from django.urls import get_resolver

from kit import rights
from tests.security import matrix
from tests.security.crawl import Answer
from tests.security.recording import Recording, requests
from tests.security.world import ROLES, build

pytestmark = pytest.mark.django_db
Recorded = Callable[[str], Recording]
METHODS = ("GET", "POST", "PUT", "DELETE")
# Signs of "nothing is pending here" of the log-in library: a person who is logged in goes on, a visitor to the log-in.
LIBRARY = {"socialaccount_login_error", "socialaccount_signup", "admin:login"}


def expected(route: str, method: str, role: str, relation: str) -> set[str]:
    """Return the responses that the table allows for one cell."""
    right = rights.right_of(route)
    assert right is not None, f"{route} is not in the table of rights"
    if method not in ("GET", "POST"):
        # Visitors have to log in first. The API and the log-in under way apply their rows themselves: one requires a key, the other
        # treats it as a GET.
        as_get = (
            right.asks_itself and matrix.reach(right.get, role) is not None and not route.startswith("api:")
        )
        return (
            {"method"}
            | ({"log in"} if right.asks_itself or role == "visitor" else set())
            | ({"yes"} if as_get else set())
        )
    audience = right.audience(method)
    public = any(matrix.reach(who, "visitor") is not None for who in (right.get, right.post))
    if route in LIBRARY:
        return {"log in", "method"}
    if route == "mfa_login_webauthn" and role == "visitor":
        return {"yes", "log in"}
    if role == "visitor" and not public:
        return {"log in"}
    if route.startswith("admin:"):
        # Below the desk's own gate Django returns 403 for what is never done there, 404 for what is not there, 405 for a method.
        return {"yes", "no", "hidden", "method"} if role == "operator" else {"no"}
    if audience is None:
        named = matrix.reach(right.get or right.post, role) is not None
        return {"method"} if named or right.method_first else {"no"}
    reach = matrix.reach(audience, role)
    if reach is None:
        return {"no"}
    about = matrix.kind_of(route, matrix.routes()[route])
    within = (relation in reach and relation != "none") if about else bool(reach)
    return {"yes"} if within else {"hidden"}


def cells(role: str) -> list[tuple[str, str, str]]:
    return [
        (route, method, relation)
        for route, parts in sorted(matrix.routes().items())
        for method in METHODS
        for relation in matrix.relations_of(matrix.kind_of(route, parts))
    ]


def test_every_route_is_in_the_table_and_every_row_is_a_route() -> None:
    known = rights.routes_of(get_resolver().url_patterns)
    assert not [route for route in known if rights.right_of(route) is None]
    assert {route for route in rights.RIGHTS if not route.endswith(rights.REST)} <= set(known)


def test_the_matrix_is_large() -> None:
    assert sum(len(cells(role)) for role in ROLES) >= 2000


@pytest.mark.parametrize("role", ROLES)
def test_every_cell_behaves_as_the_table_says(role: str, recorded: Recorded) -> None:
    found = recorded(role).answers
    asked = {(answer.route, answer.method, answer.relation or "none") for answer in found}
    assert asked == {(route, method, relation) for route, _, relation, method in requests(role)}
    every = {cell for cell in cells(role) if cell[1] in ("GET", "POST")}
    # On PostgreSQL the crawl leaves out the desk, and all objects but the first where the guard refuses.
    if connection.vendor != "sqlite":
        every = {cell for cell in every if role == "operator" or not cell[0].startswith("admin:")}
        every = {cell for cell in every if is_first(cell) or not matrix.is_guarded(cell[0], role, cell[1])}
    assert every <= asked
    guarded = [a for a in found if a.method in ("GET", "POST") and matrix.is_guarded(a.route, role, a.method)]
    assert {answer.meaning for answer in guarded} <= {"no", "log in"}, "for whichever object"
    assert not wrong_cells(found), "\n".join(wrong_cells(found))


def is_first(cell: tuple[str, str, str]) -> bool:
    """Return whether a cell is about the first relation of its route, which is requested where the guard refuses, too."""
    return cell[2] == matrix.relations_of(matrix.kind_of(cell[0], matrix.routes()[cell[0]]))[0]


def wrong_cells(answers: list[Answer]) -> list[str]:
    """Return the cells whose response differs from the table."""
    wrong = []
    for answer in answers:
        allowed = expected(answer.route, answer.method, answer.role, answer.relation or "none")
        if answer.meaning not in allowed:
            wrong.append(f"{answer} {answer.role} × {answer.relation}: {answer.meaning}, not {allowed}")
    return wrong


def test_an_open_door_in_the_recorded_crawl_is_found(recorded: Recorded) -> None:
    """The twin: another unit's course that opens for a lead, and a server error, differ from the table."""
    found = [a for a in recorded("lead").answers if (a.route, a.method) == ("courses:detail", "GET")]
    assert not wrong_cells(found)
    other = next(answer for answer in found if answer.relation == "other")
    assert other.status == 404
    assert wrong_cells([replace(other, status=200)]) and wrong_cells([replace(other, status=500)])


@pytest.mark.once
@pytest.mark.parametrize("role", ["handler", "lead", "county", "operator"])
def test_without_the_second_step_a_business_hat_reaches_nothing(role: str, second_step: None) -> None:
    """The same people with a session that showed a password only: pages send them to the second step, the API refuses."""
    world = build()
    client, parts = world.client(role), matrix.routes()
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 0}]
    session.save()
    leaks = []
    for route, method, relation in cells(role):
        right = rights.right_of(route)
        audience = right.audience(method) if right and method in ("GET", "POST") else None
        open_to_all = matrix.reach(audience, "teacher") is not None
        if open_to_all or matrix.reach(audience, role) is None:
            continue
        path = matrix.address(world, route, parts[route], role, relation)
        answer = client.generic(method, path, content_type="application/x-www-form-urlencoded")
        sent_on = answer.status_code == 302 and answer["Location"].startswith("/person/ready/")
        if not sent_on and answer.status_code not in (403, 404):
            leaks.append(f"{method} {route} {role} × {relation}: {answer.status_code}")
    assert not leaks, "\n".join(leaks)
