"""年度政策 on its page and in its action: bounds at the field, the effect first, then one recount."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from courses.actions import lights, policies
from courses.errors import OnlyOperator, PolicyChanged, PolicyOutOfBounds
from courses.models import LightChange, UnitLight, YearlyPolicy
from courses.queries.policy_effect import Turn
from notices.models import Notice
from tests.factories import (
    acting,
    close,
    make_account,
    make_course,
    make_enrolment,
    make_lead,
    make_operator,
    make_user,
    overdue_courses,
)

pytestmark = pytest.mark.django_db
DEFAULTS = {
    "unit_yellow_at": "1",
    "unit_red_at": "5",
    "closing_days": "30",
    "final_deadline": "",
    "teacher_yellow_at": "1",
    "teacher_red_at": "3",
    "cancel_days_before": "1",
    "hour_step": "0.5",
    "hours_a_day": "6",
    "hours_a_week": "35",
    "remind_hour": "8",
    "day_before_hour": "9",
    "first_warning_days": "7",
    "last_warning_days": "1",
    "escalation_days": "14",
    "leave_workdays": "3",
    "decision_days": "3",
    "late_minutes": "20",
    "half_signed_counts": "on",
    "doubt_remind_days": "7",
    "doubt_answer_days": "14",
    "doubt_county_days": "30",
    "version": "0",
    "reason": "試辦",
}


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(make_operator().user)
    return client


def post(client: Client, **values: str) -> Any:
    return client.post("/operator/policy/?year=115", DEFAULTS | values)


def seen(response: Any) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', response.content.decode())
    assert found
    return found[1]


WRONG = [
    {"final_deadline": "2026-09-15"},
    {"final_deadline": "2026-12-31"},
    {"final_deadline": "2028-01-01"},
    {"closing_days": "0"},
    {"closing_days": "367"},
    {"hour_step": "0.3"},
    {"hour_step": "0"},
    {"hour_step": "1.5"},
    {"unit_yellow_at": "0"},
    {"unit_yellow_at": "6"},
    {"unit_red_at": "1"},
    {"unit_red_at": "101"},
    {"teacher_yellow_at": "0"},
    {"teacher_yellow_at": "3"},
    {"teacher_red_at": "101"},
    {"cancel_days_before": "61"},
    {"hours_a_day": "0"},
    {"hours_a_day": "25"},
    {"hours_a_week": "5"},
    {"hours_a_week": "169"},
    {"remind_hour": "6"},
    {"remind_hour": "20"},
    {"day_before_hour": "20"},
    {"first_warning_days": "61"},
    {"first_warning_days": "1"},
    {"escalation_days": "1"},
    {"leave_workdays": "0"},
    {"decision_days": "31"},
    {"late_minutes": "121"},
    {"doubt_remind_days": "14"},
    {"doubt_county_days": "14"},
    {"doubt_answer_days": "91"},
]


@pytest.mark.parametrize("values", WRONG, ids=lambda v: "-".join(f"{k}={x}" for k, x in v.items()))
def test_a_value_out_of_bounds_is_refused_at_its_field(desk: Client, values: dict[str, str]) -> None:
    response = post(desk, **values)
    (field,) = values
    errors = response.context["form"].errors
    assert field in errors and "__all__" not in errors
    assert "courses_policy" not in response.content.decode()
    assert not YearlyPolicy.objects.exists()


def typed(name: str, text: str) -> Any:
    field = YearlyPolicy._meta.get_field(name)
    return field.to_python(text or None)


@pytest.mark.parametrize("values", WRONG, ids=lambda v: "-".join(f"{k}={x}" for k, x in v.items()))
def test_a_value_out_of_bounds_is_refused_by_the_action_and_by_the_database(values: dict[str, str]) -> None:
    facts = {name: typed(name, text) for name, text in values.items()}
    with pytest.raises(PolicyOutOfBounds) as refused:
        policies.change(year=115, by=acting(make_operator()), values=facts, reason="x", version=0)
    assert refused.value.field in facts
    assert "courses_policy" not in refused.value.message
    with pytest.raises(DatabaseError), transaction.atomic():
        YearlyPolicy.objects.create(year=115, **facts)


@pytest.mark.parametrize(
    "values",
    [
        {"final_deadline": "2027-01-01"},
        {"final_deadline": "2027-12-31"},
        {"closing_days": "1"},
        {"hour_step": "0.1"},
        {"hour_step": "1.0"},
        {"cancel_days_before": "0"},
    ],
)
def test_a_value_at_its_bound_is_taken(values: dict[str, str]) -> None:
    facts = {name: typed(name, text) for name, text in values.items()}
    made = policies.change(year=115, by=acting(make_operator()), values=facts, reason="x", version=0)
    assert YearlyPolicy.objects.get() == made


def test_the_effect_is_shown_before_anything_is_written(desk: Client) -> None:
    lead = make_lead()
    overdue_courses(lead, 3)
    overdue_courses(make_account(), 4)
    overdue_courses(make_account(), 1)
    lights.refresh()
    shown = post(desk, unit_red_at="3", unit_yellow_at="2")
    page = shown.content.decode()
    assert (
        "2 個單位轉為紅燈（原為黃燈）" in page
        and "1 個單位轉為綠燈" in page
        and "2 個單位將停止課程登錄" in page
    )
    assert not YearlyPolicy.objects.exists()
    assert not LightChange.objects.filter(cause="policy").exists()
    done = post(desk, unit_red_at="3", unit_yellow_at="2", seen=seen(shown))
    assert done.status_code == 302
    assert YearlyPolicy.objects.get().unit_red_at == 3
    assert UnitLight.objects.get(unit=lead.unit, year=115).colour == "red"
    assert Notice.objects.filter(kind="light_red", recipient=lead.user).count() == 1


def test_values_changed_after_the_effect_was_shown_are_shown_anew(desk: Client) -> None:
    mark = seen(post(desk, unit_red_at="3"))
    again = post(desk, unit_red_at="2", seen=mark)
    assert again.status_code == 200 and not YearlyPolicy.objects.exists()
    assert post(desk, unit_red_at="2", seen=seen(again)).status_code == 302


def test_an_effect_shown_before_another_edit_is_not_written(desk: Client) -> None:
    mark = seen(post(desk, unit_red_at="3"))
    YearlyPolicy.objects.create(year=115, version=1, unit_red_at=9)
    late = post(desk, unit_red_at="3", seen=mark)
    assert late.status_code == 200 and YearlyPolicy.objects.get().unit_red_at == 9


def test_the_effect_counts_teachers_too(desk: Client) -> None:
    teacher, handler = make_user(), make_account()
    for _ in range(2):
        course = make_course(handler, ago=3)
        close(course, absent=(make_enrolment(course, teacher),))
    page = post(desk, teacher_red_at="2").content.decode()
    assert "1 位教師轉為紅燈" in page
    assert "位教師" not in post(desk, unit_red_at="4").content.decode()


def test_a_change_of_last_years_policy_recounts_last_years_lights() -> None:
    handler = make_account()
    for number in range(3):
        make_course(handler, day=date(2025, 5, 1 + number))
    lights.refresh(year=114)
    effect = policies.foresee(year=114, by=acting(make_operator()), values={"unit_red_at": 3}, version=0)
    assert [(e.year, e.running, e.turns) for e in effect.units] == [(114, False, [Turn("yellow", "red", 1)])]  # type: ignore[arg-type]
    policies.change(year=114, by=acting(make_operator()), values={"unit_red_at": 3}, reason="x", version=0)
    assert UnitLight.objects.get(unit=handler.unit, year=114).colour == "red"


def test_a_change_of_an_earlier_year_recounts_the_year_that_counts_it() -> None:
    YearlyPolicy.objects.create(year=115, count_earlier_years=True)
    handler = make_account()
    make_course(handler, day=date(2025, 12, 20))
    lights.refresh()
    assert UnitLight.objects.get(unit=handler.unit, year=115).overdue == 1
    later = {"final_deadline": date(2026, 12, 1), "closing_days": 366}
    policies.change(year=114, by=acting(make_operator()), values=later, reason="x", version=0)
    assert UnitLight.objects.get(unit=handler.unit, year=115).overdue == 0


def test_the_effect_is_what_the_change_then_does() -> None:
    for number in range(1, 8):
        overdue_courses(make_account(), number)
    lights.refresh()
    values = {"unit_red_at": 4, "unit_yellow_at": 3, "closing_days": 45}
    operator = acting(make_operator())
    effect = policies.foresee(year=115, by=operator, values=values, version=0)
    policies.change(year=115, by=operator, values=values, reason="x", version=0)
    changes = LightChange.objects.filter(cause="policy").values_list("before", "after")
    assert sorted(changes) == sorted(
        (t.before, t.after) for e in effect.units for t in e.turns for _ in range(t.number)
    )


def test_only_the_operator_looks_at_the_effect_of_the_version_in_force() -> None:
    with pytest.raises(OnlyOperator):
        policies.foresee(year=115, by=acting(make_lead()), values={}, version=0)
    with pytest.raises(PolicyChanged):
        policies.foresee(year=115, by=acting(make_operator()), values={}, version=1)
