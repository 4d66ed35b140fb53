"""The API keeps what its description promises: generated requests, right and wrong ones, sent as each role (schemathesis)."""

import os
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection, transaction
from schemathesis import GenerationMode
from schemathesis.checks import ignored_auth
from schemathesis.core.parameters import ParameterLocation

from accounts.models import County
from courses.models import CourseNature, Stage, Tag
from tests.factories import make_key
from tests.security.world import ROLES, World, build

pytestmark = pytest.mark.django_db
LONG = bool(os.environ.get("RUN_LONG"))
EXAMPLES = 60 if LONG else 3
CONFIG = {
    "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none"},
    "suppress-health-check": ["all"],
    # Compressed at random (kit/…): a check would read the bytes.
    "headers": {"Accept-Encoding": "identity"},
}


class Site:
    """The site with something to find: the callers by role, and the codes of courses that are there."""

    def __init__(self, world: World) -> None:
        keys = {role: f"Token {make_key(world.people[role])}" for role in ROLES if role != "visitor"}
        self.callers = {role: {"Authorization": keys[role]} if role in keys else {} for role in ROLES}
        self.turns = cycle(ROLES)
        courses = world.things
        # What names a row cannot be described by a pattern: it is found, or refused.
        self.rows = {
            "county": str(County.objects.earliest("pk").pk),
            "nature": CourseNature.objects.earliest("pk").code,
            "stage": Stage.objects.earliest("pk").code,
            "tag": Tag.objects.earliest("pk").code,
            "cursor": None,
        }
        self.codes = cycle(["", courses["open"]["own"].code, courses["course"]["own"].code])
        # The row that an {id} names, by path; every other time the number that was generated.
        ids = {
            "/api/v1/me/objections/{id}/review/": courses["my_objection"]["teacher"].pk,
            "/api/v1/unit/absences/{id}/decide/": courses["absence"]["own"].pk,
            "/api/v1/unit/objections/{id}/answer/": courses["objection"]["own"].pk,
        }
        self.ids = {path: cycle([None, pk]) for path, pk in ids.items()}

    def callers_of(self, case: schemathesis.Case) -> dict[str, dict[str, str]]:
        """Return who sends a request: a right one everybody, a wrong one two at a time in turn (with RUN_LONG everybody).

        On PostgreSQL they are three and one in turn: who may send which request is decided in Python, and proven on SQLite.
        """
        if LONG:
            return self.callers
        right = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
        number = (len(ROLES) if right else 2) if connection.vendor == "sqlite" else (3 if right else 1)
        return {role: self.callers[role] for role in islice(self.turns, number)}

    def name_rows(self, case: schemathesis.Case) -> None:
        """Put rows that are there into the right parts of a request. A wrong part stays as wrong as it is."""
        if is_right(case, ParameterLocation.PATH):
            if "id" in case.path_parameters:
                name, value = "id", next(self.ids[case.operation.path])
            else:
                name, value = "code", next(self.codes)
            if value:
                case.path_parameters = {name: value}
        if is_right(case, ParameterLocation.QUERY):
            known = {name: self.rows.get(name, value) for name, value in case.query.items()}
            case.query = {name: value for name, value in known.items() if value is not None}


def is_right(case: schemathesis.Case, place: ParameterLocation) -> bool:
    part = case.meta.components.get(place) if case.meta else None
    return part is not None and part.mode is GenerationMode.POSITIVE


@pytest.fixture
def site() -> Site:
    return Site(build())


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """Keep the test's connection between requests, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def described(site: Site, _one_connection: None) -> Any:
    config = schemathesis.Config.from_dict(CONFIG)
    return schemathesis.openapi.from_wsgi("/api/v1/schema/", get_wsgi_application(), config=config)


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
def test_every_response_is_one_that_is_described(case: schemathesis.Case, site: Site) -> None:
    site.name_rows(case)
    # The check sends an accepted request twice again, without a key and with a wrong one: the same requests after each role.
    proven: list[Any] = []
    for role, headers in site.callers_of(case).items():
        with transaction.atomic():
            response = case.call(headers=headers)
            transaction.set_rollback(True)
        try:
            case.validate_response(response, headers=headers, excluded_checks=proven)
            if headers and response.status_code < 300:
                proven = [ignored_auth]
        except BaseException as error:
            error.add_note(f"as {role}")
            raise
