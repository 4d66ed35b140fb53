"""Input that no person types: it is refused with a page, recorded when a person sent it, and never an error of the server."""

import json
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import BusinessAccount
from audit.models import AuditEvent
from courses.models import Course
from kit import clock
from kit.numbers import LARGEST_ID, roc_year, whole_number, whole_numbers
from tests.factories import PASSWORD, make_account, make_course, make_key, make_lead, make_user
from tests.security import matrix

pytestmark = pytest.mark.django_db
HUGE = "9" * 40


def quiet(user: Any = None) -> Client:
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)
    return client


# --- NUL -------------------------------------------------------------------------------------------------------------
def text_routes() -> list[str]:
    """A path with NUL for each route that takes a text."""
    found = []
    for name, parts in matrix.routes().items():
        if parts and not name.startswith("admin:"):
            for filler in (dict.fromkeys(parts, "ODD"), dict.fromkeys(parts, 7)):
                try:
                    path = reverse(name, kwargs=filler)
                except Exception:
                    continue
                if "ODD" in path:
                    found.append(path.replace("ODD", "%00"))
    return sorted({*found, "/%00/", "/nothing/%00", "/desk/%00/"})


@pytest.mark.parametrize("role", ["visitor", "lead"])
def test_nul_in_any_path_is_not_found(role: str) -> None:
    client = quiet(make_lead().user if role == "lead" else None)
    paths = text_routes()
    assert len(paths) > 25
    wrong = [
        (method, path, answer.status_code)
        for path in paths
        for method in ("get", "post")
        if (answer := getattr(client, method)(path)).status_code != 404
    ]
    assert not wrong


@pytest.mark.parametrize(
    "path", ["/catalogue/", "/unit/courses/", "/person/record/", "/record/", "/api/v1/courses/", "/notices/"]
)
@pytest.mark.parametrize(
    "query", ["q=%00&who=%00&act=%00", "%00=1&page=%00", "year=%00&state=\0&handler=%00&unit=%00"]
)
def test_nul_in_a_query_finds_nothing(path: str, query: str) -> None:
    assert quiet(make_lead().user).get(f"{path}?{query}").status_code in (200, 400, 404)


def test_nul_in_a_search_of_the_catalogue_is_shown_as_unreadable() -> None:
    answer = quiet().get("/catalogue/?q=a%00b")
    assert answer.status_code == 200 and "a\ufffdb" in answer.content.decode()
    assert quiet().get("/catalogue/?q=a%2500b").status_code == 200


@pytest.mark.parametrize(
    "head", ["HTTP_USER_AGENT", "HTTP_X_BUSINESS_ACCOUNT", "HTTP_REFERER", "HTTP_COOKIE"]
)
def test_nul_in_a_head_is_a_bad_request(head: str) -> None:
    assert quiet(make_lead().user).get("/api/v1/unit/courses/", **{head: "a\0b"}).status_code == 400


@pytest.mark.parametrize(
    "cookie", ['session="\\000aaaaaaaaaaaa"', 'session="\\377"', "session=", "session=" + "x" * 9000]
)
def test_a_session_cookie_that_holds_anything_is_no_session(cookie: str) -> None:
    assert quiet().get("/me/", headers={"Cookie": cookie}).status_code == 302


def test_an_unreadable_request_of_a_person_is_recorded_once_a_minute() -> None:
    lead = make_lead()
    client = quiet(lead.user)
    for _ in range(3):
        client.get("/catalogue/%00/")
        client.get("/unit/courses/", HTTP_USER_AGENT="\0")
    rows = AuditEvent.objects.filter(actor_id=lead.user_id, action__startswith="refused.")
    assert sorted(rows.values_list("action", flat=True)) == ["refused.bad_request", "refused.not_found"]
    assert all("\0" not in json.dumps(row.after) and row.hat for row in rows)


@pytest.mark.postgres
def test_nul_in_a_form_gets_a_sentence_or_nothing_on_postgresql() -> None:
    """Every form field of the search pages, where the database itself would refuse it."""
    client = quiet(make_lead().user)
    for path, fields in (
        ("/unit/courses/new/", {"title": "\0", "place": "\0", "summary": "\0"}),
        ("/person/identity/", {"new_name": "\0", "new_email": "a\0@b.c", "reason": "\0"}),
        ("/unit/transfers/request/", {"course": "\0", "reason": "\0"}),
        ("/catalogue/searches/", {"name": "\0", "query": "q=\0"}),
        ("/accounts/login/", {"login": "\0", "password": "\0"}),
        ("/accounts/password/reset/", {"email": "a\0@b.c"}),
    ):
        assert client.post(path, fields).status_code in (200, 302, 403), path


# --- The ends of the calendar ----------------------------------------------------------------------------------------
ENDS = ["0001-01-01", "0001-01-02", "9999-12-31", "9999-12-30", "1911-12-31", "2026-02-30", "x", "0000-00-00"]


@pytest.mark.parametrize("day", ENDS)
def test_days_at_the_ends_of_the_calendar_are_days_like_others_in_a_search(day: str) -> None:
    client = quiet(make_lead().user)
    for path in (
        "/person/record/",
        "/record/",
        "/person/record/export.csv",
        "/catalogue/",
        "/api/v1/courses/",
    ):
        for name in ("first", "last", "day"):
            answer = client.get(path, {name: day})
            assert answer.status_code in (200, 400), (path, name)
            if not path.startswith("/api"):
                assert answer.status_code == 200, (path, name)


@pytest.mark.parametrize("day", [date.min, date.max, date(1911, 12, 31)])
def test_the_clock_turns_every_day_into_a_moment(day: date) -> None:
    for moment in (clock.at_taipei(day), clock.end_of_day(day)):
        assert moment.astimezone(clock.TAIPEI) and not Course.objects.filter(ends_at=moment).exists()
    assert clock.at_taipei(day) <= clock.end_of_day(day)


@pytest.mark.parametrize("day", ENDS)
def test_days_at_the_ends_of_the_calendar_are_refused_in_forms(day: str) -> None:
    lead = make_lead()
    client = quiet(lead.user)
    fields = {"unit": lead.unit.code, "role": "handler", "reason": "接辦", "starts_on": day, "ends_on": day}
    assert client.post("/person/accounts/apply/", fields).status_code == 200
    end = client.post(f"/appointments/{lead.pk}/end/", {"last_day": day, "reason": "x"})
    assert end.status_code in (200, 302, 403)
    assert BusinessAccount.objects.get(pk=lead.pk).valid_until is None


# --- Years and numbers -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("year", ["99999999", "40000", "1000", "0", "-1", HUGE, "²", "１１５", ""])
def test_a_year_that_cannot_be_is_the_running_one_or_empty(year: str) -> None:
    client = quiet(make_lead().user)
    for path in (
        "/unit/courses/",
        "/unit/figures/",
        "/unit/figures/light.svg",
        "/unit/records/",
        "/me/hours/",
    ):
        assert client.get(path, {"year": year}).status_code == 200, path


def test_only_plain_digits_within_range_are_numbers() -> None:
    assert whole_number("0042", None) == 42 and whole_number(str(LARGEST_ID), None) == LARGEST_ID
    for text in (None, "", "-1", "+1", "1.0", "²", "１", "1e9", HUGE, "9" * 5000, str(LARGEST_ID + 1), " 1"):
        assert whole_number(text, None) is None
    assert whole_numbers(["1", "x", HUGE, "2"]) == [1, 2]
    assert (roc_year("115", 1), roc_year("1000", 1)) == (115, 1)


@pytest.mark.parametrize("number", [HUGE, str(2**63), "-1", "x", "9" * 5000])
def test_a_huge_number_among_choices_or_marks_is_refused(number: str) -> None:
    lead = make_lead()
    course, client = make_course(lead, ago=2), quiet(lead.user)
    none = {
        f"{group}-{name}": "0"
        for group in ("sessions", "instructors")
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    for path, fields in (
        ("/unit/courses/new/", {"title": "x", "stages": number, "tags": number, "nature": number, **none}),
        (f"/appointments/{lead.pk}/offer/", {"courses": number, "to_account": number, "reason": "x"}),
        ("/hat/", {"account": number}),
        ("/unit/courses/notify/", {"course": number}),
        (f"/unit/courses/{course.code}/applicants/decide/", {"enrolment": number, "action": "admit"}),
        (f"/unit/courses/{course.code}/close/", {"action": "check", f"state_{number}": "attended"}),
        (f"/unit/courses/{course.code}/corrections/", {"enrolment": number, "hours": "1", "reason": "x"}),
    ):
        assert client.post(path, fields).status_code < 500, path
    assert client.get(f"/jobs/{HUGE}/").status_code == 404


@pytest.mark.parametrize("number", [10**30, 2**63, -1, 0, "x", None, 1.5, [], {}])
def test_a_huge_number_in_the_api_is_refused(number: Any) -> None:
    handler = make_account()
    course, key = make_course(handler, ago=2), make_key(handler.user)
    body = {"request_key": "k", "marks": [{"enrolment": number, "state": "attended", "hours": "3"}]}
    answer = quiet().post(
        f"/api/v1/unit/courses/{course.code}/close/",
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Token {key}"},
    )
    assert answer.status_code in (400, 409)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 50_000, "9" * 5000, "{", "\xff", '"\\ud800"', "NaN", ""]
)
def test_json_that_cannot_be_read_is_refused(text: str) -> None:
    handler = make_account()
    course, key = make_course(handler, ago=2), make_key(handler.user)
    answer = quiet().post(
        f"/api/v1/unit/courses/{course.code}/close/",
        text.encode("latin-1"),
        content_type="application/json",
        headers={"Authorization": f"Token {key}"},
    )
    assert answer.status_code == 400


# --- next= -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "target", ["me", "courses", "home", "catalogue/", "x:y", "signin:security", "?a", "#a", "/a:b/", "."]
)
def test_a_next_that_is_no_path_leads_home(target: str) -> None:
    user = make_account().user
    client = quiet(user)
    for answer in (
        client.post(reverse("switch_hat"), {"next": target}),
        client.post(reverse("set_theme"), {"theme": "dark", "next": target}),
        client.get(reverse("signin:ready"), {"next": target}),
        client.post(reverse("set_language"), {"language": "en", "next": target}),
        quiet().post(reverse("account_login"), {"login": user.email, "password": PASSWORD, "next": target}),
        client.get(f"/desk/login/?next={quote(target)}"),
    ):
        assert answer.status_code in (302, 403)
        if target == "/a:b/" and answer.status_code == 302:
            assert answer["Location"] in (target, "/") or "login" in answer["Location"]


def test_a_refused_form_from_an_unreadable_address_still_gets_its_page() -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    for referer in ("http://[", "me", "http://testserver/[", "\\", "javascript:1"):
        assert (
            client.post(reverse("set_theme"), {"theme": "dark"}, headers={"Referer": referer}).status_code
            == 403
        )


# --- Methods and choices ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "X" * 300])
def test_an_unknown_method_gets_its_status_everywhere(method: str) -> None:
    client = quiet(make_lead().user)
    for path in (
        "/api/v1/docs/",
        "/api/v1/schema/",
        "/api/v1/courses/",
        "/",
        "/unit/",
        "/healthz",
        "/catalogue/",
        "/theme/",
    ):
        assert client.generic(method, path).status_code < 500, path


def test_an_unknown_choice_is_refused_or_ignored() -> None:
    client, odd = quiet(make_lead().user), "moon"
    for path in (
        f"/unit/courses/?state={odd}&handler={odd}", f"/catalogue/?mode={odd}&when={odd}&stage={odd}&sort={odd}", f"/api/v1/courses/?mode={odd}",
        f"/api/v1/unit/courses/?state={odd}", f"/unit/figures/{odd}.svg", f"/unit/figures/light.{odd}", f"/unit/records/download.{odd}", f"/me/figures/{odd}.csv",
        f"/person/record/?kind={odd}", f"/api/v1/schema/?format={odd}&lang={odd}", f"/help/{odd}/",
    ):  # fmt: skip
        assert client.get(path).status_code in (200, 400, 404), path


def test_a_member_is_not_logged_out_by_odd_input() -> None:
    user = make_user()
    client = quiet(user)
    client.get("/catalogue/%00/")
    assert client.get("/me/").status_code == 200
