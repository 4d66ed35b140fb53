"""Who may use which route: one row a route and method.

Each app lists its rows in `<app>/rights.py` and registers them. A middleware enforces them at each request, and the tests check
every cell of the table. A route without a row is refused.

A row names audiences: the roles that may use the route, and for each how far it reaches, which is the set of relations in which
the object may be to the person. A role that is not named gets 403, a visitor is redirected to the log-in. An object beyond the
reach is a 404, like an unknown one: querysets are scoped to what the person may see. The right to a page is not the right to
every action on it: whether a colleague may close another person's course is decided by the action (docs/security.md).
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.urls import Resolver404, URLPattern, URLResolver, resolve

from kit.registry import Registry

Reach = Container[str]
VISITOR = "visitor"
OWN = "own"
ONLY_OWN: Reach = frozenset({OWN})
# The role may use the route, but there is no object yet that it could reach.
NOTHING: Reach = frozenset()


class _Everything:
    def __contains__(self, relation: object) -> bool:
        return True


ANY: Reach = _Everything()


@dataclass(frozen=True)
class Audience:
    """The roles that may use a route, each with its reach.

    `members` is the reach of everybody who is logged in and whose role is not among `roles`; `visitors` that of everybody else. None
    means that they may not.
    """

    roles: Mapping[str, Reach] = field(default_factory=dict)
    members: Reach | None = None
    visitors: Reach | None = None

    def reach(self, role: str) -> Reach | None:
        """Return how far a role reaches, or None if it may not use the route."""
        return self.visitors if role == VISITOR else self.roles.get(role, self.members)

    def __contains__(self, role: str) -> bool:
        return self.reach(role) is not None


EVERYBODY = Audience(members=ANY, visitors=ANY)
MEMBERS = Audience(members=ANY)
OWNER = Audience(members=ONLY_OWN)
# Open to every role, but there are no objects yet.
NOBODY_YET = Audience(members=NOTHING, visitors=NOTHING)
NO_OBJECT_YET = Audience(members=NOTHING)


@dataclass(frozen=True)
class Right:
    """What a route allows. `get` includes HEAD; a method without an audience gets 405.

    `method_first`: a wrong method gets 405 also for a role that is not named; otherwise 403. `listed`: search engines may list the
    page and those below its address. `asks_itself`: the view authenticates (a key for programs, a log-in under way) and applies the
    row itself; at other routes a method that is none of GET, HEAD and POST gets 405 from the guard. `unattended`: a page sends the request by
    itself, which does not extend the session.
    """

    get: Audience | None = None
    post: Audience | None = None
    method_first: bool = True
    asks_itself: bool = False
    listed: bool = False
    unattended: bool = False

    def audience(self, method: str) -> Audience | None:
        """Return who may use the route with this method; None if nobody may."""
        if method == "POST":
            return self.post
        return self.get if method in ("GET", "HEAD") else None

    def named(self, method: str) -> Audience | None:
        """Return who may use the route with this method; for a method that has nobody, who may use the route at all."""
        return self.audience(method) or self.get or self.post

    def admits(self, role: str, method: str) -> bool:
        """Return whether a request reaches the view, which replies 405 to a method that it does not know."""
        if self.audience(method) is None and self.method_first:
            return True
        return role in (self.named(method) or NOBODY_YET)


def page(
    who: Audience, *, asks_itself: bool = False, listed: bool = False, unattended: bool = False
) -> Right:
    """A page, possibly with a form: the same people look and send."""
    return Right(who, who, asks_itself=asks_itself, listed=listed, unattended=unattended)


def act(who: Audience, *, method_first: bool = True, asks_itself: bool = False) -> Right:
    """Something happens: POST alone."""
    return Right(post=who, method_first=method_first, asks_itself=asks_itself)


def reads(who: Audience, *, asks_itself: bool = False, unattended: bool = False) -> Right:
    """Something is shown: GET alone."""
    return Right(get=who, asks_itself=asks_itself, unattended=unattended)


RIGHTS: Registry[Right] = Registry("route")
# "admin:*" is the row of every route of that namespace that has none of its own.
REST = "*"


def right_of(route: str) -> Right | None:
    """Return the row of a route, given as its `view_name`; None for a route that no app registered."""
    namespace, colon, _name = route.rpartition(":")
    return RIGHTS.get(route) or RIGHTS.get(f"{namespace}{colon}{REST}")


def route_of(request: HttpRequest) -> str:
    """Return the route of a request, for middleware that needs it before the view; empty for an address that is none."""
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return ""


def routes_of(patterns: list[URLPattern | URLResolver], space: str = "") -> list[str]:
    """Return the routes of URL patterns, named as `ResolverMatch.view_name` names them."""
    found = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            found += routes_of(pattern.url_patterns, inner)
        else:
            found.append(space + (pattern.name or pattern.lookup_str))
    return found
