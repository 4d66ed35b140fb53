"""The operator moves what the page has shown: an account's courses, or those of a pasted table."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import BusinessAccount
from courses.models import Course
from tests.factories import make_account, make_course, make_operator, make_unit

pytestmark = pytest.mark.django_db
CHANGED = "預覽後內容或研習課程已有變動"


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(make_operator().user)
    return client


def send(client: Client, page: str, data: dict[str, Any]) -> HttpResponse:
    return client.post(reverse(f"courses:transfer_{page}"), {"reason": "調校", **data})  # type: ignore[return-value]


def seen(answer: Any) -> str:
    mark = str(answer.context["seen"])
    assert f'name="seen" value="{mark}"' in answer.content.decode()
    return mark


def handler_of(course: Course) -> BusinessAccount:
    course.refresh_from_db()
    return course.handler


def line(course: Course, account: BusinessAccount) -> str:
    return f"{course.code}\t{course.title}\t{account.user.name}\t{account.number}"


def test_the_courses_of_an_account_move_once_they_were_shown(operator: Client) -> None:
    unit = make_unit()
    former, new = make_account(unit), make_account(unit)
    course = make_course(handler=former)
    data = {"from_account": former.number, "to_account": new.number}
    mark = seen(send(operator, "direct", data))
    assert send(operator, "direct", {**data, "confirm": "1", "seen": mark}).status_code == 302
    assert handler_of(course) == new


@pytest.mark.parametrize("changed", ["from", "to", "courses", "unseen"])
def test_courses_of_an_account_that_were_not_shown_stay(operator: Client, changed: str) -> None:
    unit = make_unit()
    former, other, new = make_account(unit), make_account(unit), make_account(unit)
    courses = [make_course(handler=former), make_course(handler=other)]
    data = {"from_account": former.number, "to_account": new.number}
    mark = seen(send(operator, "direct", data))
    if changed == "courses":
        make_course(handler=former)
    said = data | {"from": {"from_account": other.number}, "to": {"to_account": other.number}}.get(
        changed, {}
    )
    answer = send(operator, "direct", {**said, "confirm": "1", "seen": "" if changed == "unseen" else mark})
    assert CHANGED in answer.content.decode()
    assert [handler_of(course) for course in courses] == [former, other]
    assert send(operator, "direct", {**said, "confirm": "1", "seen": seen(answer)}).status_code == 302


def test_a_pasted_table_moves_once_it_was_shown(operator: Client) -> None:
    unit = make_unit()
    course, new = make_course(handler=make_account(unit)), make_account(unit)
    data = {"table": line(course, new)}
    mark = seen(send(operator, "paste", data))
    assert send(operator, "paste", {**data, "confirm": "1", "seen": mark}).status_code == 302
    assert handler_of(course) == new


@pytest.mark.parametrize("changed", ["account", "line", "fault", "handler"])
def test_a_pasted_table_that_was_not_shown_moves_nothing(operator: Client, changed: str) -> None:
    unit = make_unit()
    former, new, other = make_account(unit), make_account(unit), make_account(unit)
    course, more = make_course(handler=former), make_course(handler=former)
    table = line(course, new)
    mark = seen(send(operator, "paste", {"table": table}))
    if changed == "handler":
        Course.objects.filter(pk=course.pk).update(handler=other)
    before = handler_of(course)
    table = {
        "account": line(course, other),
        "line": f"{table}\n{line(more, new)}",
        "fault": f"{table}\nX\tX\tX\tX",
    }.get(changed, table)
    said = {"table": table, "only_good": "1", "confirm": "1"}
    answer = send(operator, "paste", {**said, "seen": mark})
    assert CHANGED in answer.content.decode()
    assert handler_of(course) == before and handler_of(more) == former
    assert send(operator, "paste", {**said, "seen": seen(answer)}).status_code == 302
