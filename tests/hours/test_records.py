"""What a unit sees of its people's hours: a course counts for the place held on the day of its last session."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Affiliation, Unit, User
from courses.models import Enrolment
from hours.queries import records
from hours.queries.credited import home_of, left_on
from kit.periods import Period
from tests.factories import (
    close,
    make_account,
    make_county,
    make_course,
    make_enrolment,
    make_lead,
    make_unit,
    make_user,
)

pytestmark = pytest.mark.django_db


def earn(person: User, day: date) -> Enrolment:
    course = make_course(make_account(make_unit(county=make_county("花蓮縣"))), day=day)
    row = make_enrolment(course, person)
    close(course)
    return row


def seen(unit: Unit, *periods: Period) -> set[Enrolment]:
    return {row for period in periods for row in records.records(unit.pk, period)}


def test_a_unit_sees_what_was_earned_while_the_person_served_there() -> None:
    person, former, present = make_user(), make_unit(), make_unit()
    Affiliation.objects.create(user=person, unit=former, until=date(2026, 7, 31))
    Affiliation.objects.create(user=person, unit=present, since=date(2026, 8, 1))
    before, after = earn(person, date(2026, 7, 31)), earn(person, date(2026, 8, 1))
    assert seen(former, Period(115)) == {before}
    assert seen(present, Period(115)) == {after}


def test_people_who_left_stay_in_the_record_of_their_years() -> None:
    person, unit = make_user(), make_unit()
    Affiliation.objects.create(user=person, unit=unit, until=date(2026, 7, 31))
    Affiliation.objects.create(user=make_user(), unit=unit)
    row = earn(person, date(2026, 3, 4))
    [found] = records.records(unit.pk, Period(115))
    assert found == row and left_on(found) == date(2026, 7, 31)
    assert records.people_served(unit.pk, Period(115)) == 2
    assert records.people_served(unit.pk, Period(115, is_school=True)) == 1


def test_a_person_who_came_back_has_not_left() -> None:
    person, unit = make_user(), make_unit()
    Affiliation.objects.create(user=person, unit=unit, until=date(2026, 3, 31))
    Affiliation.objects.create(user=person, unit=unit, since=date(2026, 8, 1))
    between, again = earn(person, date(2026, 5, 5)), earn(person, date(2026, 9, 9))
    [found] = records.records(unit.pk, Period(115))
    assert found == again and found != between and left_on(found) is None


def test_a_school_year_runs_from_august_to_july() -> None:
    person, unit = make_user(), make_unit()
    Affiliation.objects.create(user=person, unit=unit)
    last, first = earn(person, date(2026, 7, 31)), earn(person, date(2026, 8, 1))
    assert seen(unit, Period(114, is_school=True)) == {last}
    assert seen(unit, Period(115, is_school=True)) == {first}
    assert seen(unit, Period(115)) == {last, first}


def test_a_course_counts_for_both_of_two_places_at_once() -> None:
    person, one, two = make_user(), make_unit(), make_unit()
    for unit in (one, two):
        Affiliation.objects.create(user=person, unit=unit)
    row = earn(person, date(2026, 3, 4))
    assert seen(one, Period(115)) == seen(two, Period(115)) == {row}


def test_the_county_names_the_unit_of_the_day() -> None:
    person, former, present = make_user(), make_unit(), make_unit()
    away = make_unit(county=make_county("臺東縣"))
    Affiliation.objects.create(user=person, unit=former, until=date(2026, 3, 31))
    Affiliation.objects.create(user=person, unit=away, since=date(2026, 4, 1), until=date(2026, 7, 31))
    Affiliation.objects.create(user=person, unit=present, since=date(2026, 8, 1))
    for month in (3, 5, 9):
        earn(person, date(2026, month, 9))
    found = [home_of(row)[0] for row in records.county_records(former.county_id, Period(115))]
    assert sorted(found) == sorted([former.code, present.code])


@pytest.mark.parametrize(
    ("year", "kind", "period"),
    [
        ("114", "school", Period(114, is_school=True)),
        ("114", "", Period(114)),
        ("", "school", Period(115, is_school=True)),
        ("9999", None, Period(115)),
        ("x", "y", Period(115)),
    ],
)
def test_an_address_names_a_year(year: str, kind: Any, period: Period) -> None:
    assert Period.of(year, kind) == period


def test_the_page_and_the_file_of_a_school_year() -> None:
    lead = make_lead()
    left = make_user("古老師")
    Affiliation.objects.create(user=left, unit=lead.unit, until=date(2026, 9, 30))
    earn(left, date(2026, 9, 9)), earn(left, date(2026, 3, 4))
    client = Client()
    client.force_login(lead.user)
    page = client.get(reverse("hours:unit_records"), {"year": "115", "period": "school"}).content.decode()
    assert page.count("古老師") == 1 and "115年9月30日" in page and "有 2 人任職" in page
    path = reverse("hours:unit_records_download", args=["csv"])
    lines = b"".join(client.get(path, {"year": "115", "period": "school"})).decode().splitlines()
    assert len(lines) == 2 and "2026/09/09" in lines[1]
    assert len(b"".join(client.get(path, {"year": "115"})).decode().splitlines()) == 3


def test_the_page_costs_the_same_for_one_and_for_many(django_assert_max_num_queries: Any) -> None:
    lead = make_lead()
    client = Client()
    client.force_login(lead.user)
    for people in (1, 20):
        course = make_course(lead, ago=3)
        for _ in range(people):
            make_enrolment(course, make_user(unit=lead.unit))
        close(course)
        with django_assert_max_num_queries(14):
            client.get(reverse("hours:unit_records"))
