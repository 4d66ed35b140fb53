"""Confirmations and facts of pages: nobody present, two windows, what a correction begins with, a teacher's lists."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import BusinessAccount
from courses.enums import EnrolmentState as S
from courses.models import Course, Enrolment
from hours.actions import corrections
from hours.actions.closing import close_course
from hours.models import Closing, ClosingDraft, Mark, Sheet, WalkIn
from hours.queries import drafts
from hours.queries import teacher as mine
from kit import clock
from tests.factories import acting, close, make_course, make_enrolment, make_user, sheet_with

pytestmark = pytest.mark.django_db
FULL = ("attended", "3")


def client_of(account: BusinessAccount) -> Client:
    client = Client()
    client.force_login(account.user)
    return client


def url_of(course: Course) -> str:
    return reverse("hours:close", args=[course.code])


def form_of(course: Course, key: str = "k", **marks: str) -> dict[str, Any]:
    rows = course.enrolments.filter(state=S.ADMITTED)
    return {"request_key": key} | {f"state_{r.pk}": "attended" for r in rows} | marks


def absent(row: Enrolment) -> dict[str, str]:
    return {f"state_{row.pk}": "absent"}


def test_closing_with_nobody_present_says_so_and_is_confirmed_twice() -> None:
    course = make_course(ago=2)
    row = make_enrolment(course)
    client, form = client_of(course.handler), form_of(course) | absent(row)
    first = client.post(url_of(course), form | {"action": "check"}).content.decode()
    assert "沒有任何人標記為出席" in first and 'name="nobody"' not in first
    again = client.post(url_of(course), form | {"action": "close"}).content.decode()
    assert 'name="nobody"' in again and "請再次確認" in again and not Closing.objects.exists()
    client.post(url_of(course), form | {"action": "close", "nobody": "yes"})
    assert Closing.objects.get().absent == 1


def test_an_empty_sheet_is_not_called_present_with_full_hours() -> None:
    course = make_course(ago=2)
    page = client_of(course.handler).post(url_of(course), form_of(course) | {"action": "check"})
    assert "沒有任何人標記為出席" in page.content.decode() and "沒有例外" not in page.content.decode()


def test_a_correction_to_attended_begins_with_the_full_hours() -> None:
    course = make_course(ago=2)
    gone, short = make_enrolment(course), make_enrolment(course)
    marks = {gone.pk: Mark(S.ABSENT), short.pk: Mark.of(S.ATTENDED, Decimal("1.5"))}
    close_course(course=course, by=acting(course.handler), sheet=Sheet("k", marks))
    page = client_of(course.handler).get(reverse("hours:correct", args=[course.code])).content.decode()
    typed = dict(re.findall(r'id="hours_(\d+)"[^>]*value="([^"]*)"', page))
    assert typed == {str(gone.pk): "3", str(short.pk): "1.5"}


def test_two_windows_of_one_person_are_put_together_with_the_marks_of_both() -> None:
    course = make_course(ago=2)
    first, second, third = (make_enrolment(course) for _ in range(3))
    client = client_of(course.handler)
    save = reverse("hours:draft", args=[course.code])
    client.post(save, form_of(course, "one", **absent(first)) | {"draft_base": "0"})
    other = form_of(course, "two", **absent(second)) | {"draft_base": "0", f"hours_{third.pk}": "2"}
    asked = client.post(save, other)
    assert asked.status_code == 409 and "合併兩份" in asked.json()["html"]
    client.post(url_of(course), other | {"action": "take"})
    marks = ClosingDraft.objects.get().sheet.marks
    assert [marks[row.pk] for row in (first, second, third)] == [
        ("absent", "3"),
        ("absent", "3"),
        ("attended", "2"),
    ]


def test_where_both_windows_mark_a_person_the_version_taken_counts() -> None:
    theirs = sheet_with({1: ("absent", "3"), 2: FULL, 3: ("attended", "1")}, {7: "3"})
    ours = sheet_with({1: ("excused", "3"), 2: ("excused", "3"), 3: FULL, 4: ("absent", "3")}, {8: "2"})
    both = drafts.together(theirs, ours, "3")
    assert both.marks == {1: ("absent", "3"), 2: ("excused", "3"), 3: ("attended", "1"), 4: ("absent", "3")}
    assert set(both.walk_ins) == {WalkIn(7, "3"), WalkIn(8, "2")}


def test_excused_people_have_no_forgotten_hours() -> None:
    course, earlier = make_course(ago=2), make_course(ago=400)
    person = make_user()
    for held in (course, earlier):
        row = make_enrolment(held, person)
        close_course(
            course=held, by=acting(held.handler), sheet=Sheet(f"k{row.pk}", {row.pk: Mark(S.EXCUSED)})
        )
    standing = mine.record_of_year(person.pk, clock.this_year())
    assert not standing.forgotten and not standing.absences


def test_an_absence_is_listed_once_and_a_year_without_hours_not_at_all() -> None:
    course, person = make_course(ago=2, title="只列一次的研習"), make_user()
    row = make_enrolment(course, person)
    close(course)
    corrections.correct(
        enrolment=row, by=acting(course.handler), state=S.ABSENT, hours=Decimal("0"), reason="未到"
    )
    client = Client()
    client.force_login(person)
    page = client.get(reverse("hours:me")).content.decode()
    assert page.count("只列一次的研習") == 1
    assert mine.years_with_hours(person.pk) == []
    assert f"year={clock.this_year()}" not in client.get(reverse("hours:my_record")).content.decode()
