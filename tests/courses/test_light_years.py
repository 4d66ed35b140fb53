"""The lights of more than one year: acts on earlier courses, the turn of the year, units that have not been counted."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import BusinessAccount
from courses.actions import course_fields, lights, registration, transfer_decisions, withdrawal
from courses.models import Course, LightChange, UnitLight, YearlyPolicy
from courses.queries import oversight
from courses.queries.lights import light_of
from courses.tasks import refresh_lights
from kit import clock
from notices.models import Notice
from tests.factories import (
    acting,
    close,
    make_account,
    make_course,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    overdue_courses,
)

pytestmark = pytest.mark.django_db
NEW_YEAR = clock.at_taipei(date(2027, 1, 1), time(0, 5))


def stored(account: BusinessAccount, year: int) -> UnitLight:
    return UnitLight.objects.get(unit=account.unit, year=year)


def count_every_year() -> None:
    for year in (113, 114, 115):
        lights.refresh(year=year)


def withdraw(course: Course) -> None:
    withdrawal.withdraw(course=course, by=acting(course.handler), reason="registered_twice")


@pytest.mark.parametrize("act", [close, withdraw])
@pytest.mark.parametrize("held", [date(2024, 6, 1), date(2025, 6, 1), date(2026, 6, 1)])
def test_an_act_on_a_course_of_an_earlier_year_recounts_that_year(
    act: Callable[[Course], Any], held: date
) -> None:
    course = make_course(day=held)
    count_every_year()
    assert course.year and stored(course.handler, course.year).overdue == 1
    act(course)
    light = stored(course.handler, course.year)
    assert (light.colour, light.overdue, light.unclosed) == ("green", 0, 0)


def test_an_act_recounts_a_later_year_that_counts_earlier_ones() -> None:
    YearlyPolicy.objects.create(year=114, count_earlier_years=True)
    course = make_course(day=date(2024, 6, 1))
    count_every_year()
    assert stored(course.handler, 114).overdue == 1
    close(course)
    assert stored(course.handler, 114).overdue == 0


def data_of(course: Course, *days: date) -> course_fields.CourseData:
    sessions = [
        course_fields.SessionData(clock.at_taipei(d, time(13)), clock.at_taipei(d, time(16))) for d in days
    ]
    fields = {name: getattr(course, name) for name in course_fields.WRITABLE}
    return course_fields.CourseData(
        fields=fields, sessions=sessions, instructors=[("黃講師", "")], stages=course.stages.all()
    )


def test_a_course_moved_to_another_year_leaves_the_light_of_its_year_and_enters_the_other() -> None:
    course = make_course(day=date(2026, 12, 30))
    lights.refresh()
    lights.refresh(year=116)
    registration.update(course=course, by=acting(course.handler), data=data_of(course, date(2027, 1, 5)))
    assert (stored(course.handler, 115).unclosed, stored(course.handler, 116).unclosed) == (0, 1)


def test_a_transfer_recounts_the_years_of_its_courses() -> None:
    course = make_course(day=date(2025, 6, 1))
    colleague = make_account(course.unit)
    transfer_decisions.move_courses(
        pairs=[(course, colleague)], by=acting(make_operator()), reason="接任", at=clock.now()
    )
    assert stored(course.handler, 114).unclosed == 1


def test_the_job_heals_every_year_that_a_page_shows() -> None:
    course = make_course(day=date(2024, 6, 1))
    count_every_year()
    Course.objects.filter(pk=course.pk).update(state="closed", closed_at=clock.now())
    refresh_lights()
    assert stored(course.handler, 113).overdue == 0


def test_on_new_years_day_a_red_unit_is_notified_that_registration_is_open_again() -> None:
    handler = make_account()
    overdue_courses(handler, 5)
    refresh_lights()
    with time_machine.travel(NEW_YEAR):
        refresh_lights()
        change = LightChange.objects.get(year=116)
        assert (change.before, change.after, change.cause) == ("red", "green", LightChange.NEW_YEAR)
        notice = Notice.objects.get(kind="light_green", recipient=handler.user)
        assert "恢復" in notice.subject and "116" in notice.body
        assert "5" in notice.body and "3月31日" in notice.body
        refresh_lights()
    assert LightChange.objects.filter(year=116).count() == 1


def test_the_turn_of_the_year_is_notified_though_an_act_came_before_the_job() -> None:
    handler = make_account()
    courses = overdue_courses(handler, 5)
    refresh_lights()
    with time_machine.travel(NEW_YEAR):
        close(courses[0])
        change = LightChange.objects.get(year=116)
        assert (change.before, change.after) == ("red", "green")


def test_the_turn_of_the_year_is_notified_though_the_new_years_light_was_counted_before() -> None:
    handler = make_account()
    overdue_courses(handler, 5)
    refresh_lights()
    make_course(handler, day=date(2027, 1, 20))
    lights.refresh(year=116)
    with time_machine.travel(NEW_YEAR):
        refresh_lights()
        assert LightChange.objects.get(year=116).before == "red"


def test_of_two_first_counts_at_once_one_begins_the_year(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another run makes and counts the row after this one has seen that it is missing."""
    handler = make_account()
    overdue_courses(handler, 5)
    refresh_lights()
    make_missing, first = lights._make_missing, [True]

    def beaten(*args: Any) -> None:
        make_missing(*args)
        if first.pop() if first else False:
            lights.refresh()

    with time_machine.travel(NEW_YEAR):
        monkeypatch.setattr(lights, "_make_missing", beaten)
        lights.refresh()
        assert LightChange.objects.filter(year=116).count() == 1
        assert Notice.objects.filter(kind="light_green", recipient=handler.user).count() == 1


def test_pictures_of_an_earlier_year_have_every_unit(client: Client) -> None:
    course = make_course(day=date(2024, 6, 1))
    client.force_login(make_officer().user)
    assert client.get("/county/figures/?year=113").status_code == 200
    assert stored(course.handler, 113).overdue == 1


def test_a_year_that_begins_red_is_red_in_its_own_record() -> None:
    YearlyPolicy.objects.create(year=116, count_earlier_years=True)
    handler = make_account()
    for number in range(5):
        make_course(handler, day=date(2025, 3, 1 + number))
    overdue_courses(handler, 5)
    refresh_lights()
    with time_machine.travel(NEW_YEAR):
        refresh_lights()
        change = LightChange.objects.get(year=116)
        assert (change.before, change.after) == ("red", "red")
        assert not Notice.objects.filter(recipient=handler.user, created_at__gte=NEW_YEAR).exists()
        assert oversight.reds_by_month(116) == {handler.unit.county_id: [1]}


def test_a_unit_that_left_red_at_the_turn_of_the_year_is_not_counted_below_zero() -> None:
    handler = make_account()
    overdue_courses(handler, 5)
    refresh_lights()
    with time_machine.travel(NEW_YEAR):
        refresh_lights()
        assert oversight.reds_by_month(116).get(handler.unit.county_id, [0]) == [0]


def test_the_light_of_one_unit_is_counted_when_it_is_shown() -> None:
    handler = make_account()
    make_course(handler, day=clock.today() - timedelta(days=30))
    refresh_lights()
    midnight = clock.at_taipei(clock.today() + timedelta(days=1), time(0, 1))
    with time_machine.travel(midnight):
        assert stored(handler, 115).overdue == 0
        assert (light_of(handler.unit).colour, light_of(handler.unit).overdue) == ("yellow", 1)


def test_the_api_of_one_unit_agrees_with_the_gate_before_the_job(client: Client) -> None:
    lead = make_lead()
    overdue_courses(lead, 5)
    client.force_login(lead.user)
    light = client.get("/api/v1/unit/light/", headers={"X-Business-Account": lead.number}).json()
    assert (light["colour"], light["overdue"], light["registration_open"]) == ("red", 5, False)


@pytest.mark.parametrize("path", ["/county/", "/api/v1/county/lights/", "/county/export.csv"])
def test_a_list_of_lights_is_complete_before_the_first_count(client: Client, path: str) -> None:
    officer = make_officer()
    quiet, busy = make_unit(), make_account()
    overdue_courses(busy, 1)
    client.force_login(officer.user)
    said = text_of(client.get(path, headers={"X-Business-Account": officer.number}))
    assert quiet.name in said and busy.unit.name in said
    assert stored(busy, 115).colour == "yellow"


JANUARY = clock.at_taipei(date(2027, 1, 15), time(9))
APRIL = clock.at_taipei(date(2027, 4, 1), time(9))


def a_rest_of_last_year() -> BusinessAccount:
    """A unit whose courses of 115 ended in December: this year's light does not count them."""
    handler = make_account(make_unit(name="縣立年末國中"))
    for number in range(3):
        make_course(handler, day=date(2026, 12, 18 + number), title=f"年末研習{number}")
    refresh_lights()
    return handler


def county_page(client: Client, path: str = "/county/") -> str:
    client.force_login(make_officer().user)
    return text_of(client.get(path))


def text_of(response: Any) -> str:
    whole = b"".join(response) if response.streaming else response.content
    return whole.decode()


def test_the_county_sees_last_years_rest_beside_this_years_until_its_final_deadline(client: Client) -> None:
    a_rest_of_last_year()
    with time_machine.travel(JANUARY):
        page, table = county_page(client), county_page(client, "/county/export.csv")
        assert "115 年度尚有 3 門課程未結案" in page and "116年3月31日" in page
        heading, first = table.splitlines()[:2]
        assert heading.endswith("115年尚未結案") and "縣立年末國中" in first and first.endswith(",3")
        assert county_lights(client)["縣立年末國中"] == 3
    with time_machine.travel(APRIL):
        assert "115 年度尚有" not in county_page(client)
        assert "115年" not in county_page(client, "/county/export.csv").splitlines()[0]
        assert county_lights(client)["縣立年末國中"] is None


def county_lights(client: Client) -> dict[str, int | None]:
    rows = client.get("/api/v1/county/lights/").json()["results"]
    return {row["unit"]: row["last_year_unclosed"] for row in rows}


@pytest.mark.parametrize("chosen", [{"all": "1"}, {"unit": "own"}, {"only": "own"}])
def test_the_county_chases_last_years_rest_until_its_final_deadline(
    client: Client, chosen: dict[str, str]
) -> None:
    handler = a_rest_of_last_year()
    chosen = {name: str(handler.unit_id) if value == "own" else value for name, value in chosen.items()}
    officer = make_officer()
    with time_machine.travel(JANUARY):
        client.force_login(officer.user)
        client.post("/county/chase/", chosen)
        notice = Notice.objects.get(kind="please_close", recipient=handler.user)
        assert "年末研習0" in notice.body
    Notice.objects.all().delete()
    with time_machine.travel(APRIL):
        client.force_login(officer.user)
        client.post("/county/chase/", chosen)
        assert not Notice.objects.filter(kind="please_close").exists()


def test_the_button_of_a_reminder_opens_the_list_of_the_courses_year(client: Client) -> None:
    handler = a_rest_of_last_year()
    officer = make_officer()
    with time_machine.travel(JANUARY):
        client.force_login(officer.user)
        client.post("/county/chase/", {"year": "115", "unit": str(handler.unit_id)})
        path = Notice.objects.get(kind="please_close").path
        client.force_login(handler.user)
        assert "年末研習0" in client.get(path, follow=True).content.decode()


def change_to(before: int, after: int, **policy: int) -> Notice:
    """Return the notices of the handler when the overdue courses of a unit go from one number to another."""
    YearlyPolicy.objects.create(year=115, **policy)
    handler = make_account()
    courses = overdue_courses(handler, before)
    refresh_lights()
    for course in courses[after:]:
        Course.objects.filter(pk=course.pk).update(state="closed", closed_at=clock.now())
    overdue_courses(handler, max(after - before, 0))
    refresh_lights()
    notice = Notice.objects.filter(recipient=handler.user).order_by("pk").last()
    assert notice
    return notice


@pytest.mark.parametrize(
    ("before", "after", "policy", "said", "unsaid"),
    [
        (5, 4, {}, "恢復", "沒有"),
        (5, 0, {}, "恢復", "不存在"),
        (1, 0, {}, "沒有逾期", "恢復"),
        (2, 1, {"unit_yellow_at": 2}, "1 門", "沒有"),
        (0, 1, {}, "1 門課程逾期", "恢復"),
        (0, 7, {}, "請核發其中 3 門", "恢復登錄"),
    ],
)
def test_the_notice_of_a_light_says_what_the_numbers_say(
    before: int, after: int, policy: dict[str, int], said: str, unsaid: str
) -> None:
    notice = change_to(before, after, **policy)
    assert said in notice.body and unsaid not in notice.body
