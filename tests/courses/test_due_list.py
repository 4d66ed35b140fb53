"""The courses to close on the unit's home, which share the HTML of their shape, are those that the template alone would give."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from courses.models import YearlyPolicy
from courses.presenters.course_rows import CourseRow, course_rows
from courses.presenters.due_list import TEMPLATE, due_rows, shape_of, texts_of
from courses.queries import unit_outlook
from kit import clock
from tests.factories import acting, make_account, make_course, make_enrolment, make_lead

pytestmark = pytest.mark.django_db


def make_rows() -> tuple[list[CourseRow], list[CourseRow]]:
    """Return a person's own courses and those of colleagues: soon due, overdue, notified, of a handler who has left."""
    handler = make_account()
    colleague = make_account(unit=handler.unit)
    make_enrolment(make_course(handler, ago=2, title='<b>環境</b> & "教育"'))
    make_course(handler, ago=31)
    make_course(colleague, ago=90, notified_at=clock.now(), notified_by="O'Brien <lead>")
    make_course(colleague, ago=25, co_handler=handler)
    make_course(make_account(unit=handler.unit, ended_at=clock.now()), ago=3)
    today, policies = clock.today(), YearlyPolicy.objects.current()
    rows = course_rows(
        unit_outlook.unclosed(handler.unit_id, clock.this_year(), today, policies), acting(handler), policies
    )
    mine = [row for row in rows if row.course.handler == handler]
    return mine, [row for row in rows if row not in mine]


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_a_row_is_printed_as_its_template_alone_gives_it(language: str) -> None:
    with override(language):
        for own, rows in zip((True, False), make_rows(), strict=True):
            for row in [*rows, *rows]:
                shape, texts = shape_of(row, own=own), texts_of(row, "token-of-the-form")
                assert TEMPLATE.print(shape, texts) == TEMPLATE.render(shape, texts)


def test_each_course_has_its_own_words() -> None:
    mine, theirs = make_rows()
    with override("en"):
        own, others = due_rows(mine, own=True, token="t"), due_rows(theirs, own=False, token="t")
    assert (
        "<b>環境</b>" not in own and "1 person" in own and "0 people" in own and "notify" not in own.lower()
    )
    for row in (*mine, *theirs):
        assert reverse("courses:detail", args=[row.course.code]) in own + others
    assert others.count('name="csrfmiddlewaretoken" value="t"') == 2
    assert others.count("account ended") == others.count("last told") == 1
    assert others.count("Issue the hours yourself") == 1


def test_a_deadline_is_near_a_week_before() -> None:
    handler, today = make_account(), clock.today()
    course = make_course(handler, ago=2)
    for left, near in ((8, False), (7, True), (0, True)):
        row = CourseRow(course, today + timedelta(left), left, True, False, True)
        assert shape_of(row, own=True).is_soon is near


def test_a_colleague_is_notified_from_the_list(client: Client) -> None:
    lead = make_lead()
    colleague = make_account(unit=lead.unit)
    course = make_course(colleague, ago=90)
    client = Client(enforce_csrf_checks=True)
    client.force_login(lead.user)
    page = client.get(reverse("courses:unit_home")).content.decode()
    assert page.count(f'name="course" value="{course.pk}"') == 2
    token = page.split('name="csrfmiddlewaretoken" value="')[-1].split('"')[0]
    client.post(
        reverse("courses:notify_handlers"),
        {"course": course.pk, "back": "home", "csrfmiddlewaretoken": token},
    )
    course.refresh_from_db()
    assert course.notified_at
