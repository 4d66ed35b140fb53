"""A course of thousands is closed on its page: with one field by the page's script, and as a plain form."""

import json
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from courses.enums import EnrolmentState as S
from courses.models import Course, Enrolment
from hours.forms.closing_post import MOST_FIELDS
from hours.models import Closing, HourCredit
from kit import clock
from tests.factories import make_account, make_course

pytestmark = pytest.mark.django_db
MANY = 3000


@pytest.fixture
def course() -> Course:
    course = make_course(ago=2, capacity=5000)
    users = User.objects.bulk_create(
        [User(email=f"n{i}@x.example", name=f"人{i}", password="!") for i in range(MANY)]
    )
    Enrolment.objects.bulk_create(
        [Enrolment(course=course, user=u, state=S.ADMITTED, enrolled_at=clock.now()) for u in users]
    )
    Course.objects.filter(pk=course.pk).update(seats_taken=MANY)
    return course


@pytest.fixture
def client(course: Course) -> Client:
    client = Client()
    client.force_login(course.handler.user)
    return client


def numbers(course: Course) -> list[int]:
    return list(course.enrolments.order_by("id").values_list("pk", flat=True))


def plain(course: Course) -> dict[str, Any]:
    """The form as a browser without scripts sends it: two fields a person."""
    people = numbers(course)
    hours = {f"hours_{pk}": "3" for pk in people}
    return {f"state_{pk}": "attended" for pk in people} | hours | {f"state_{people[0]}": "absent"}


def encoded(form: dict[str, Any]) -> dict[str, Any]:
    return {"data": urlencode(form), "content_type": "application/x-www-form-urlencoded"}


def test_three_thousand_people_are_closed_by_the_pages_script(course: Course, client: Client) -> None:
    people = numbers(course)
    marks = {str(pk): ["attended", "2.5"] for pk in people} | {str(people[0]): ["absent", ""]}
    form = {"request_key": "k", "action": "close", "sheet": json.dumps({"marks": marks, "walk_ins": []})}
    url = reverse("hours:close", args=[course.code])
    assert client.post(url, **encoded(form)).url == reverse("hours:receipt", args=[course.code])
    closing = Closing.objects.get()
    assert (closing.attended, closing.absent, closing.hours_total) == (
        MANY - 1,
        1,
        Decimal("2.5") * (MANY - 1),
    )


def test_three_thousand_people_are_closed_without_a_script(course: Course, client: Client) -> None:
    url, form = reverse("hours:close", args=[course.code]), plain(course)
    assert len(form) + 2 > settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    checked = client.post(url, **encoded(form | {"request_key": "k", "action": "check"}))
    assert checked.status_code == 200 and 'id="confirmation"' in checked.content.decode()
    done = client.post(url, **encoded(form | {"request_key": "k", "action": "close"}))
    assert done.url == reverse("hours:receipt", args=[course.code])
    assert HourCredit.objects.count() == MANY - 1


def test_the_long_form_may_come_in_parts(course: Course, client: Client) -> None:
    form = plain(course) | {"request_key": "鍵\r\n值", "action": "close"}
    client.post(reverse("hours:close", args=[course.code]), form)
    closing = Closing.objects.get()
    assert (closing.attended, closing.absent, closing.request_key) == (MANY - 1, 1, "鍵\n值")


def test_the_largest_course_fits_the_plain_form_and_no_more() -> None:
    assert MOST_FIELDS > 2 * (5000 + 1000)
    course = make_course(ago=2)
    client, url = Client(), reverse("hours:close", args=[course.code])
    client.force_login(course.handler.user)
    flood = {f"x{i}": "" for i in range(MOST_FIELDS + 1)}
    assert client.post(url, **encoded(flood)).status_code == 413


def test_the_raised_limit_is_for_this_page_and_for_people_logged_in() -> None:
    course, account = make_course(ago=2), make_account()
    flood = encoded({f"x{i}": "" for i in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)})
    visitor = Client(enforce_csrf_checks=True)
    visitor.get(reverse("account_login"))
    assert visitor.post(reverse("hours:close", args=[course.code]), **flood).status_code == 413
    client = Client(enforce_csrf_checks=True)
    client.force_login(account.user)
    client.get(reverse("courses:unit_home"))
    assert client.post(reverse("switch_hat"), **flood).status_code == 413


def test_a_long_form_is_still_guarded_against_forgery() -> None:
    course = make_course(ago=2)
    client = Client(enforce_csrf_checks=True)
    client.force_login(course.handler.user)
    answer = client.post(reverse("hours:close", args=[course.code]), **encoded({"action": "close"}))
    assert answer.status_code == 403 and not Closing.objects.exists()
