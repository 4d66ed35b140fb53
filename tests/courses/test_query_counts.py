"""Each page runs the same few queries at 1 row and at 50, and a request loads the policies once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.acting import Actor
from accounts.models import User
from courses.actions import lights, withdrawal
from courses.actions.reminders import chase
from courses.models import Course, UnitLight, YearlyPolicy
from courses.models.policy import POLICIES
from hours.models import Attendance
from kit import clock, request_memo
from kit.paging import CappedPaginator, ShortPaginator
from tests.factories import (
    acting,
    close,
    make_account,
    make_county,
    make_course,
    make_enrolment,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    make_user,
)

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12
# The closing page names, besides, the lecturers and staff (docs/adr/0042), who may be none of its people.
FOR_HELPERS = 1


def unit_rows(number: int) -> tuple[User, str, str]:
    handler = make_account()
    for index in range(number):
        make_enrolment(make_course(handler, ago=2 + index % 60))
        make_course(handler)
    return handler.user, reverse("courses:unit_home"), handler.unit.name


def unit_courses(number: int) -> tuple[User, str, str]:
    user, _, word = unit_rows(number)
    return user, reverse("courses:unit_courses"), word


def closing_page(number: int) -> tuple[User, str, str]:
    course = make_course(ago=2, capacity=60)
    for _ in range(number):
        make_enrolment(course)
    return course.handler.user, reverse("hours:close", args=[course.code]), course.title


def closing_page_with_signs(number: int) -> tuple[User, str, str]:
    seen = closing_page(number)
    course = Course.objects.latest("pk")
    session = course.sessions.get()
    for row in course.enrolments.all():
        for kind, when in (("in", session.starts_at), ("out", session.ends_at)):
            Attendance.objects.create(
                session=session,
                user=row.user,
                kind=kind,
                at=when,
                way="hand",
                recorded_at=when,
                recorded_by=row.user,
            )
    return seen


def catalogue(number: int) -> tuple[User, str, str]:
    handler = make_account()
    for _ in range(number):
        make_course(handler, title="閱讀素養研習")
    return make_user(), reverse("courses:catalogue") + "?q=素養", "閱讀"


def teacher_home(number: int) -> tuple[User, str, str]:
    teacher, handler = make_user(), make_account()
    for index in range(number):
        course = make_course(handler, ago=3)
        row = make_enrolment(course, teacher)
        close(course, absent=(row,) if index % 2 else ())
        make_enrolment(make_course(handler, ago=2), teacher)
        make_enrolment(make_course(handler), teacher)
    return teacher, reverse("hours:me"), teacher.name


def county_overview(number: int) -> tuple[User, str, str]:
    county = make_county()
    for _ in range(number):
        make_course(make_account(make_unit(county=county)), ago=40)
    lights.refresh()
    return make_officer(county).user, reverse("courses:county"), county.name


def public_course(number: int) -> tuple[User, str, str]:
    course = make_course(capacity=60)
    for _ in range(number):
        make_enrolment(course)
    return make_user(), reverse("courses:public", args=[course.code]), course.title


def register(number: int) -> tuple[User, str, str]:
    county = make_county()
    office = make_officer(county)
    for _ in range(number):
        make_unit(county=county, parent=office.unit)
    return office.user, reverse("accounts:units"), office.unit.name


def unit_page(number: int) -> tuple[User, str, str]:
    """Every list of the page has rows; courses of one unit by different handlers."""
    county = make_county()
    unit = make_unit(county=county)
    for index in range(number):
        handler = make_account(unit)
        make_course(handler, ago=40 + index)
        withdrawal.withdraw(course=make_course(handler), by=acting(handler), reason="registered_twice")
    lights.refresh()
    return make_officer(county).user, reverse("courses:county_unit", args=[unit.pk]), unit.name


def staff_list(number: int) -> tuple[User, str, str]:
    lead = make_lead()
    for _ in range(number):
        make_user(unit=lead.unit)
    return lead.user, reverse("accounts:staff"), lead.user.name


PAGES = [
    register,
    unit_page,
    staff_list,
    unit_rows,
    unit_courses,
    closing_page,
    closing_page_with_signs,
    catalogue,
    teacher_home,
    county_overview,
    public_course,
]


# Who is named on a sheet; courses like this one, which are kept outside of a transaction, are looked for in two steps.
MORE: dict[Callable[[int], tuple[User, str, str]], int] = {
    closing_page: FOR_HELPERS,
    closing_page_with_signs: FOR_HELPERS,
    public_course: 1,
}


def queries_of(scene: Callable[[int], tuple[User, str, str]], rows: int) -> int:
    user, path, word = scene(rows)
    client = Client()
    client.force_login(user)
    assert word in client.get(path).content.decode()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("scene", PAGES)
def test_a_page_takes_as_many_queries_for_fifty_rows_as_for_one(
    scene: Callable[[int], tuple[User, str, str]],
) -> None:
    one, fifty = queries_of(scene, 1), queries_of(scene, 50)
    assert fifty <= one
    assert one <= MOST_QUERIES + MORE.get(scene, 0)


def late_units(number: int) -> list[int]:
    """Units, each with five overdue courses of a handler of its own."""
    county = make_county()
    accounts = [make_account(make_unit(county=county)) for _ in range(number)]
    for account in accounts:
        for index in range(5):
            make_course(account, ago=40 + index)
    return [account.unit_id for account in accounts]


def remind(by: Actor, units: list[int]) -> None:
    assert chase(by=by, unit_ids=units).told == len(units)


def light_up(by: Actor, units: list[int]) -> None:
    lights.refresh(cause="job")
    assert UnitLight.objects.filter(colour="red", unit__in=units).count() == len(units)


@pytest.mark.parametrize("act", [remind, light_up])
def test_an_act_over_units_takes_as_many_queries_for_eight_as_for_two(
    act: Callable[[Actor, list[int]], None],
) -> None:
    by, counts = acting(make_operator()), []
    for number in (2, 8):
        units = late_units(number)
        with CaptureQueriesContext(connection) as captured:
            act(by, units)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_request_reads_the_policies_once_and_sees_its_own_change(django_assert_num_queries: Any) -> None:
    year = clock.this_year()
    with request_memo.remembering():
        with django_assert_num_queries(1):
            for _ in range(3):
                assert YearlyPolicy.objects.in_force(year).unit_red_at == 5
        YearlyPolicy.objects.create(year=year, unit_red_at=7)
        assert YearlyPolicy.objects.in_force(year).unit_red_at == 7


def test_outside_a_request_nothing_is_remembered() -> None:
    asked: list[int] = []
    for _ in range(2):
        request_memo.once(POLICIES, lambda: asked.append(1))
    assert len(asked) == 2


def test_pages_follow_the_parts_in_turn_and_end_at_the_most() -> None:
    handler, today = make_account(), clock.today()
    late = [make_course(handler, day=today + timedelta(days=n)) for n in (3, 1, 2)]
    early = [make_course(handler, day=today - timedelta(days=n)) for n in (1, 2)]
    rows = type(late[0]).objects
    pages = CappedPaginator(
        rows.all(),
        lambda: [
            rows.filter(starts_on__lt=today).order_by("starts_on"),
            rows.filter(starts_on__gt=today).order_by("starts_on"),
        ],
        per_page=3,
    )
    assert list(pages.page(1)) == [early[1], early[0], late[1]]
    assert list(pages.page(2)) == [late[2], late[0]]
    assert (pages.count, pages.is_capped) == (5, False)


def test_the_paginator_looks_a_few_pages_ahead_of_the_requested_one() -> None:
    pages = [
        CappedPaginator(Course.objects.all(), list, per_page=20, requested=text)
        for text in (None, "1", "x", "9", "99999")
    ]
    assert [page.most for page in pages] == [100, 100, 100, 220, 1000]


def test_more_than_the_most_is_said_and_not_counted(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    monkeypatch.setattr("kit.paging.NEAR", 2)
    monkeypatch.setattr("kit.paging.MOST", 2)
    monkeypatch.setattr("courses.views.catalogue.PAGE", 1)
    handler = make_account()
    for _ in range(4):
        make_course(handler)
    page = client.get(reverse("courses:catalogue")).content.decode()
    assert "超過 2 筆" in page


def test_a_whole_code_finds_its_course_and_one_character_finds_by_reading(client: Client) -> None:
    course, other = make_course(title="鐵馬研習"), make_course()
    for words, found in ((course.code, True), ("鐵", True), ("鐵馬", True), ("馬鐵", False), ("100%", False)):
        page = client.get(reverse("courses:catalogue"), {"q": words}).content.decode()
        page = page.replace("<mark>", "").replace("</mark>", "")
        assert ("鐵馬研習" in page) is found, words
        assert other.title not in page


@pytest.mark.parametrize("capacity", [2, 1])
def test_enrolling_sends_ten_statements_with_a_place_or_without(capacity: int) -> None:
    course = make_course(capacity=capacity)
    make_enrolment(course)
    teacher, client = make_user(), Client()
    client.force_login(teacher)
    client.get(reverse("courses:public", args=[course.code]))  # the language's cookie
    with CaptureQueriesContext(connection) as captured:
        client.post(reverse("courses:enrol", args=[course.code]))
    assert teacher.enrolments.get().state == ("admitted" if capacity == 2 else "waitlisted")
    # Session, person, course and own enrolment, claim or hold, whether the person was named as a helper meanwhile, enrolment, record,
    # confirmation; begin and commit are around them. Joining the
    # waiting list also joins the fair queue of the course, which is a statement of its own on PostgreSQL.
    kept = [one["sql"] for one in captured if "SAVEPOINT" not in one["sql"]]
    queue = capacity == 1 and connection.vendor == "postgresql"
    assert len(kept) == 8 + queue, kept


def test_an_account_that_begins_or_ends_during_a_session_counts_at_the_next_click() -> None:
    person, client = make_user(), Client()
    client.force_login(person)
    home = reverse("courses:unit_home")
    assert client.get(home).status_code == 403
    account = make_account(user=person)
    assert client.get(home).status_code == 200
    account.ended_at = clock.now()
    account.save()
    assert client.get(home).status_code == 403


def test_a_list_that_fits_on_a_page_is_read_once_and_not_counted(django_assert_num_queries: Any) -> None:
    handler = make_account()
    for _ in range(3):
        make_course(handler)
    rows = Course.objects.order_by("pk")
    with django_assert_num_queries(1):
        page = ShortPaginator(rows, 3).get_page(None)
        assert (len(list(page)), page.paginator.count, page.has_other_pages()) == (3, 3, False)
    pages = ShortPaginator(rows, 2)
    assert [[row.pk for row in pages.page(n)] for n in pages.page_range] == [
        [row.pk for row in rows[:2]],
        [rows[2].pk],
    ]
