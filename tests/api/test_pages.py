"""Lists by cursor: every row once, in one order, forwards and backwards; nothing cut without a word."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from courses.enums import CourseState
from courses.models import Course
from kit import clock
from tests.api.client import api
from tests.factories import (
    make_account,
    make_county,
    make_course,
    make_enrolment,
    make_officer,
    make_operator,
    make_unit,
    make_user,
    overdue_courses,
)

pytestmark = pytest.mark.django_db


def walk(client: APIClient, url: str | None, direction: str = "next") -> list[dict[str, Any]]:
    pages = []
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, answer.json()
        pages.append(answer.json())
        url = pages[-1][direction]
    return pages


def check_both_ways(client: APIClient, path: str, name: str, size: int = 2) -> list[Any]:
    """Return the rows' names after walking to the end and back."""
    [whole] = walk(client, f"{path}?page_size=200")
    expected = [row[name] for row in whole["results"]]
    forwards = walk(client, f"{path}?page_size={size}")
    assert [row[name] for page in forwards for row in page["results"]] == expected
    assert all(len(page["results"]) == size for page in forwards[:-1]) and len(forwards) > 2
    assert forwards[0]["previous"] is None and forwards[-1]["next"] is None
    backwards = walk(client, forwards[-1]["previous"], "previous")
    rows = [row[name] for page in reversed(backwards) for row in page["results"]]
    assert rows + [row[name] for row in forwards[-1]["results"]] == expected
    return expected


def test_the_catalogue_is_walked_in_order_though_days_are_equal() -> None:
    days = [clock.today() + timedelta(days=n) for n in (3, 3, 1, 3, 2)]
    codes = [make_course(day=day).code for day in days]
    found = check_both_ways(APIClient(), "/api/v1/courses/", "code")
    assert found == [codes[2], codes[4], codes[0], codes[1], codes[3]]


def test_drafts_without_a_day_come_last_in_the_units_list() -> None:
    handler = make_account()
    ahead = [make_course(handler, ago=-n) for n in (1, 2, 2)]
    drafts = [make_course(handler, state=CourseState.DRAFT) for _ in range(3)]
    Course.objects.filter(pk__in=[draft.pk for draft in drafts]).update(
        starts_on=None, ends_on=None, year=None
    )
    found = check_both_ways(api(handler.user), "/api/v1/unit/courses/", "code")
    in_order = [ahead[2], ahead[1], ahead[0], *reversed(drafts)]
    assert found == [course.code for course in in_order]


def test_the_own_enrolments_and_the_sheet_are_paged_too() -> None:
    person = make_user()
    for n in (1, 1, 2, 3, 3):
        make_enrolment(make_course(ago=-n), person)
    check_both_ways(api(person), "/api/v1/me/enrolments/", "id")
    course = make_course(ago=2)
    rows = [make_enrolment(course).pk for _ in range(5)]
    found = check_both_ways(api(course.handler.user), f"/api/v1/unit/courses/{course.code}/sheet/", "id")
    assert found == rows


@pytest.mark.parametrize("who", ["county", "operator"])
def test_the_lights_are_walked_in_the_order_of_need(who: str) -> None:
    county = make_county("新竹市")
    for number in (0, 2, 2, 1, 0, 5):
        overdue_courses(make_account(make_unit(county=county)), number)
    officer = make_officer(county) if who == "county" else make_operator()
    call_command("refresh_lights")
    client = api(officer.user)
    check_both_ways(client, "/api/v1/county/lights/", "unit_code")
    overdue = [row["overdue"] for row in client.get("/api/v1/county/lights/").json()["results"]]
    assert overdue == sorted(overdue, reverse=True)


def test_a_row_that_comes_or_goes_between_two_pages_moves_no_other() -> None:
    courses = [make_course(ago=-n) for n in (2, 3, 4, 5)]
    client = APIClient()
    first = client.get("/api/v1/courses/?page_size=2").json()
    make_course(ago=-1)
    courses[0].delete()
    second = client.get(first["next"]).json()
    assert [row["code"] for row in second["results"]] == [courses[2].code, courses[3].code]


def test_a_page_whose_rows_are_gone_leads_back_to_the_row_before_it() -> None:
    courses = [make_course(ago=-n) for n in (2, 3)]
    client = APIClient()
    first = client.get("/api/v1/courses/?page_size=1").json()
    courses[1].delete()
    empty = client.get(first["next"]).json()
    assert empty["results"] == [] and empty["next"] is None
    back = client.get(empty["previous"]).json()
    assert [row["code"] for row in back["results"]] == [courses[0].code]


def test_the_links_keep_the_questions() -> None:
    for n in (2, 3, 4):
        make_course(ago=-n, title="性別")
        make_course(ago=-n)
    pages = walk(APIClient(), "/api/v1/courses/?q=性別&page_size=1")
    assert [row["title"] for page in pages for row in page["results"]] == ["性別"] * 3
    assert urlsplit(pages[0]["next"]).netloc == "testserver"


def cursor_of(client: APIClient, path: str) -> str:
    query = urlsplit(client.get(path).json()["next"]).query
    return query.split("cursor=")[1].split("&")[0]


def test_a_cursor_that_was_not_given_out_for_this_list_is_refused() -> None:
    person = make_user()
    for n in (1, 2):
        make_enrolment(make_course(ago=-n), person)
    client = api(person)
    mine = cursor_of(client, "/api/v1/me/enrolments/?page_size=1")
    assert client.get(f"/api/v1/me/enrolments/?cursor={mine}").status_code == 200
    for path in (f"/api/v1/courses/?cursor={mine}", "/api/v1/courses/?cursor=x", "/api/v1/courses/?cursor="):
        answer = client.get(path)
        assert answer.status_code == 400, path
        assert answer.json()["errors"][0]["parameter"] == "cursor"


@pytest.mark.parametrize("size", ["0", "201", "-1", "x", "", "1e3", "99999999999999999999"])
def test_a_page_is_never_silently_made_smaller_or_larger(size: str) -> None:
    answer = APIClient().get(f"/api/v1/courses/?page_size={size}")
    assert answer.status_code == 400
    assert [error["parameter"] for error in answer.json()["errors"]] == ["page_size"]


def test_a_page_costs_the_same_queries_on_every_page(django_assert_num_queries: Any) -> None:
    for n in range(1, 8):
        make_course(ago=-n)
    client = APIClient()
    answer = client.get("/api/v1/courses/?page_size=2")
    with django_assert_num_queries(1):
        client.get(answer.json()["next"])
