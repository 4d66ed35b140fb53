"""業務帳號燈號: five overdue courses of the year turn a unit red and registration off (letter, point 6)."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse

from courses.actions import course_fields, lights, policies, registration
from courses.enums import LightCause
from courses.errors import RegistrationSuspended
from courses.models import Course, FeedAddress, LightChange, SavedSearch, UnitLight, YearlyPolicy
from courses.queries import forecast
from courses.queries.lights import light_of, overdue_now, registration_is_open, unit_colour
from courses.queries.watches import waiting_watches
from courses.tasks import refresh_lights
from kit import clock
from notices.models import Notice
from tests.factories import (
    acting,
    close,
    make_account,
    make_course,
    make_officer,
    make_operator,
    make_roster_keeper,
    make_unit,
    overdue_courses,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("overdue", "colour"), [(0, "green"), (1, "yellow"), (4, "yellow"), (5, "red"), (9, "red")]
)
def test_colour_by_number_of_overdue_courses(overdue: int, colour: str) -> None:
    assert unit_colour(overdue, YearlyPolicy(year=115)) == colour


def test_a_course_is_overdue_the_day_after_thirty_days_and_not_before() -> None:
    handler = make_account()
    make_course(handler, ago=30)
    assert overdue_now(handler.unit_id) == 0
    make_course(handler, ago=31)
    assert overdue_now(handler.unit_id) == 1


def test_the_day_changes_at_midnight_in_taipei_not_in_utc() -> None:
    handler = make_account()
    make_course(handler, day=date(2026, 10, 1))
    in_time = datetime(2026, 10, 31, 15, 59, tzinfo=UTC)
    assert overdue_now(handler.unit_id, in_time) == 0
    assert overdue_now(handler.unit_id, in_time + timedelta(minutes=2)) == 1


def test_a_course_of_last_year_past_31_march_is_overdue_but_does_not_count_for_this_year() -> None:
    handler = make_account()
    old = make_course(handler, day=date(2025, 12, 20))
    assert old in Course.objects.overdue(date(2026, 4, 1))
    assert not Course.objects.lighting(115, date(2026, 4, 1)).exists()
    YearlyPolicy.objects.create(year=115, count_earlier_years=True)
    assert list(Course.objects.lighting(115, date(2026, 4, 1))) == [old]
    assert not Course.objects.lighting(115, date(2026, 3, 31)).exists()


def test_the_final_deadline_comes_before_a_long_closing_period() -> None:
    YearlyPolicy.objects.create(year=115, closing_days=300)
    course = make_course(day=date(2026, 11, 1))
    assert course not in Course.objects.overdue(date(2027, 3, 31))
    assert course in Course.objects.overdue(date(2027, 4, 1))


def test_the_job_turns_a_unit_red_records_the_change_and_notifies_its_people_once() -> None:
    handler = make_account()
    overdue_courses(handler, 5)
    summary = refresh_lights()
    light = UnitLight.objects.get(unit=handler.unit, year=115)
    assert (light.colour, light.overdue, light.registration_open) == ("red", 5, False)
    assert summary["red"] == 1 and summary["changed"] == 1
    assert LightChange.objects.get().after == "red"
    assert Notice.objects.filter(kind="light_red", recipient=handler.user).count() == 1
    assert refresh_lights()["changed"] == 0
    assert Notice.objects.count() == 1


def test_only_those_who_have_to_do_with_courses_are_notified_of_a_light() -> None:
    handler = make_account()
    keeper = make_roster_keeper(handler.unit)
    overdue_courses(handler, 5)
    refresh_lights()
    told = Notice.objects.filter(kind="light_red").values_list("recipient", flat=True)
    assert handler.user_id in told and keeper.user_id not in told


def test_the_job_needs_the_same_number_of_queries_for_one_unit_and_for_three(
    django_assert_num_queries: Any,
) -> None:
    for _ in range(3):
        overdue_courses(make_account(), 1)
    lights.refresh()
    with django_assert_num_queries(6):
        lights.refresh()
    overdue_courses(make_account(), 1)
    lights.refresh()
    with django_assert_num_queries(6):
        lights.refresh()


def test_registration_is_refused_at_five_and_open_again_right_after_closing_one() -> None:
    handler = make_account()
    draft = make_course(handler, state="draft")
    courses = overdue_courses(handler, 5)
    with pytest.raises(RegistrationSuspended) as refused:
        registration.register(course=draft, by=acting(handler))
    assert "5" in refused.value.message
    close(courses[0])
    assert light_of(handler.unit).colour == "yellow"
    assert registration.register(course=draft, by=acting(handler)).state == "registered"


def test_the_gate_counts_anew_when_the_job_has_been_dead_since_yesterday() -> None:
    handler = make_account()
    courses = overdue_courses(handler, 5)
    draft = make_course(handler, state="draft")
    stale = UnitLight.objects.create(
        unit=handler.unit, year=115, colour="green", computed_at=clock.now() - timedelta(days=1)
    )
    with pytest.raises(RegistrationSuspended):
        registration.register(course=draft, by=acting(handler))
    Course.objects.filter(pk=courses[0].pk).update(state="closed", closed_at=clock.now())
    UnitLight.objects.filter(pk=stale.pk).update(colour="red", registration_open=False)
    assert registration.register(course=draft, by=acting(handler)).is_unclosed


def test_drafts_may_be_saved_while_registration_is_off() -> None:
    handler = make_account()
    overdue_courses(handler, 5)
    data = course_fields.CourseData(fields={"title": "草稿"})
    assert registration.save_draft(by=acting(handler), data=data).state == "draft"
    assert not registration_is_open(handler.unit_id)


def test_a_changed_policy_is_kept_as_a_version_and_recounts_the_lights() -> None:
    handler, operator = make_account(), make_operator()
    overdue_courses(handler, 3)
    lights.refresh()
    policies.change(year=115, by=acting(operator), values={"unit_red_at": 3}, reason="試辦", version=0)
    assert light_of(handler.unit).colour == "red"
    policies.change(year=115, by=acting(operator), values={"unit_red_at": 4}, reason="恢復", version=1)
    assert light_of(handler.unit).colour == "yellow"
    assert list(YearlyPolicy.objects.filter(year=115).values_list("version", "unit_red_at")) == [
        (2, 4),
        (1, 3),
    ]


def test_on_new_years_day_the_unit_starts_green() -> None:
    handler = make_account()
    overdue_courses(handler, 5)
    with time_machine.travel(clock.at_taipei(date(2027, 1, 1))):
        assert registration_is_open(handler.unit_id)


def test_the_demonstration_shows_its_story_on_any_day_of_the_year(db: Any) -> None:
    from demo import events

    with time_machine.travel(clock.at_taipei(date(2027, 1, 3)), tick=True):
        cast = events.load()
        assert light_of(cast.handler.unit).colour == "red"


def test_the_demonstration_has_calendars_watches_and_a_forecast(db: Any) -> None:
    from demo import events

    cast = events.load()
    mine, units = FeedAddress.objects.order_by("pk")
    assert mine.person == cast.yellow and mine.read_at and units.account == cast.handler and not units.read_at
    assert waiting_watches(cast.yellow.pk).count() == 1
    searches = SavedSearch.objects.filter(owner=cast.yellow).order_by("pk")
    assert [bool(search.watched_at) for search in searches] == [True, False]
    assert all(search.query for search in searches)
    day = clock.today()
    assert list(forecast.red_days(day, forecast.window_end(day), None)) == [cast.linbian.unit_id]


def test_the_policy_of_a_year_without_lights_can_be_changed() -> None:
    make_course()
    row = policies.change(
        year=clock.this_year() + 1,
        by=acting(make_operator()),
        values={"cancel_days_before": 7},
        reason="提早截止",
        version=0,
    )
    assert row.cancel_days_before == 7 and not UnitLight.objects.filter(year=row.year).exists()


CAUSE = re.compile(r'lights\.(?:follow|refresh)\(.*cause="(\w+)"')


def test_each_cause_of_a_change_has_words_on_the_page_of_the_unit(client: Client) -> None:
    apps = (settings.BASE_DIR / name for name in ("courses", "hours"))
    code = "\n".join(path.read_text() for app in apps for path in app.rglob("*.py"))
    named = set(CAUSE.findall(code)) | {"job", LightChange.NEW_YEAR}
    assert named == set(LightCause.values)
    officer = make_officer()
    unit = make_unit(county=officer.unit.county)
    for cause in [*sorted(named), "of_a_set"]:
        LightChange.objects.create(
            unit=unit,
            year=clock.this_year(),
            before="green",
            after="red",
            overdue=5,
            cause=cause,
            at=clock.now(),
        )
    client.force_login(officer.user)
    page = client.get(reverse("courses:county_unit", args=[unit.pk])).content.decode()
    assert all(str(cause.label) in page for cause in LightCause)
    assert not [cause for cause in [*named, "of_a_set"] if f">{cause}<" in page]
