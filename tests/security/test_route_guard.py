"""The guard enforces the table of rights: each response follows its row."""

from collections.abc import Iterator

import pytest
from django.core.checks import run_checks
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts import role_sets
from accounts.enums import Role
from accounts.models import BusinessAccount
from accounts.route_guard import SENTENCES
from kit.rights import EVERYBODY, MEMBERS, RIGHTS, VISITOR, Audience, Right, page, right_of
from tests.factories import make_account, make_lead, make_officer, make_operator, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def change(monkeypatch: pytest.MonkeyPatch) -> object:
    """Change or remove one row of the table for a test."""

    def changed(route: str, row: Right | None) -> None:
        rows = {name: kept for name, kept in RIGHTS.items() if name != route}
        monkeypatch.setattr(RIGHTS, "_rows", rows | ({route: row} if row else {}))

    return changed


def status(holder: BusinessAccount, route: str) -> int:
    client = Client()
    client.force_login(holder.user)
    return client.get(reverse(route)).status_code


def test_a_role_that_is_added_to_a_row_may_use_the_route(change: object) -> None:
    lead, officer = make_lead(), make_officer()
    assert status(officer, "hours:unit_records") == 403
    change("hours:unit_records", page(role_sets.DECIDERS))  # type: ignore[operator]
    assert status(officer, "hours:unit_records") != 403 and status(lead, "hours:unit_records") == 200


def test_a_role_that_is_taken_out_of_a_row_is_refused(change: object) -> None:
    handler, lead = make_account(), make_lead()
    assert status(handler, "courses:unit_home") == 200
    change("courses:unit_home", page(role_sets.LEADS))  # type: ignore[operator]
    assert status(handler, "courses:unit_home") == 403 and status(lead, "courses:unit_home") == 200


def test_visitors_who_are_taken_out_of_a_row_are_sent_to_the_log_in(change: object) -> None:
    assert Client().get(reverse("courses:catalogue")).status_code == 200
    change("courses:catalogue", page(MEMBERS))  # type: ignore[operator]
    answer = Client().get(reverse("courses:catalogue"))
    assert answer.status_code == 302 and answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO"])
def test_a_page_refuses_a_method_that_is_none_of_get_head_and_post(method: str) -> None:
    lead = make_lead()
    client = Client()
    client.force_login(lead.user)
    for route in ("courses:unit_home", "courses:catalogue", "admin:index"):
        answer = client.generic(method, reverse(route))
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST")
    assert client.head(reverse("courses:unit_home")).status_code == 200


def test_the_desk_follows_its_row(change: object) -> None:
    officer, operator = make_officer(), make_operator()
    assert status(officer, "admin:index") == 403 and status(operator, "admin:index") == 200
    change("admin:*", page(role_sets.OVERSIGHT))  # type: ignore[operator]
    assert status(officer, "admin:index") == 200


def test_the_api_chooses_the_business_account_by_the_row(change: object) -> None:
    handler = make_account()
    assert status(handler, "api:unit_light") == 200
    change("api:unit_light", Right(get=role_sets.LEADS, asks_itself=True))  # type: ignore[operator]
    assert status(handler, "api:unit_light") == 403


def test_the_api_refuses_by_the_row_even_where_the_view_needs_no_account(change: object) -> None:
    lead, teacher = make_lead(), make_user()
    assert status(lead, "api:my_light") == 200
    change("api:my_light", Right(get=role_sets.LEADS, asks_itself=True))  # type: ignore[operator]
    client = Client()
    client.force_login(teacher)
    assert client.get(reverse("api:my_light")).status_code == 403 and status(lead, "api:my_light") == 200


def test_the_api_lets_visitors_in_by_the_row(change: object) -> None:
    assert Client().get(reverse("api:courses")).status_code == 200
    change("api:courses", Right(get=MEMBERS, asks_itself=True))  # type: ignore[operator]
    assert Client().get(reverse("api:courses")).status_code == 401


def test_a_route_without_a_row_is_refused_to_everybody_and_found_by_the_check(change: object) -> None:
    operator = make_operator()
    assert "inservice.E002" not in {found.id for found in run_checks(tags=["urls"])}
    change("courses:catalogue", None)  # type: ignore[operator]
    assert status(operator, "courses:catalogue") == 403
    assert Client().get(reverse("courses:catalogue")).status_code == 403
    assert ["courses:catalogue" in str(found.msg) for found in run_checks(tags=["urls"])] == [True]


def test_each_closed_audience_has_a_sentence_for_those_outside() -> None:
    closed = [
        audience
        for right in RIGHTS.values()
        for audience in (right.get, right.post)
        if audience and audience.members is None
    ]
    assert len(closed) > 40 and not [a for a in closed if frozenset(a.roles) not in SENTENCES]


def test_a_person_outside_reads_whose_page_it_is(client: Client) -> None:
    client.force_login(make_user())
    answer = client.get(reverse("courses:unit_home"), headers={"accept-language": "en"})
    assert answer.status_code == 403 and answer.context["sentence"] == SENTENCES[role_sets.UNIT_ROLES]


def test_audiences_reach_as_far_as_they_say() -> None:
    some = Audience({Role.HANDLER: frozenset({"own"})}, members=frozenset())
    assert "own" in (some.reach(Role.HANDLER) or ()) and some.reach(Role.OPERATOR) == frozenset()
    assert VISITOR not in some and VISITOR in EVERYBODY and VISITOR not in MEMBERS


def views(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[tuple[str, object]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from views(pattern.url_patterns, inner)
        else:
            yield space + (pattern.name or pattern.lookup_str), pattern.callback


def test_a_view_is_open_to_visitors_where_its_row_says_so() -> None:
    """`login_not_required` opens a view to Django's own middleware; the two must agree, or visitors are refused."""
    for route, view in views(get_resolver().url_patterns):
        right = right_of(route)
        assert right is not None
        if right.asks_itself or route.startswith("admin:"):
            continue
        named = any(VISITOR in who for who in (right.get, right.post) if who)
        assert named == (not getattr(view, "login_required", True)), route
