"""Every list that a page shows part of leads on to the rest: nothing is cut without a word."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AccountApplication, BusinessAccount, IdentityChange
from audit import log
from courses.enums import LightCause, TransferState
from courses.models import LightChange, TransferRequest
from hours.models import Objection
from jobs.models import Job
from kit import clock
from tests.factories import (
    acting,
    make_account,
    make_course,
    make_enrolment,
    make_officer,
    make_operator,
    make_unit,
    make_user,
    overdue_courses,
)

pytestmark = pytest.mark.django_db
Wanted = tuple[BusinessAccount, str, str, list[str]]


def walked(account: BusinessAccount, path: str, name: str) -> list[str]:
    """Return every page of one list, by following its link to the next page."""
    client, pages, query = Client(), [], "?"
    client.force_login(account.user)
    while query:
        answer = client.get(path + unescape(query))
        assert answer.status_code == 200
        pages.append(answer.content.decode())
        place = "" if name == "page" else f"#{name}"
        found = re.search(rf'rel="next" href="(\?[^"#]*\b{name}=[^"#]*){place}"', pages[-1])
        query = found[1] if found else ""
        assert len(pages) < 9
    return pages


def _courses_to_ask_for() -> Wanted:
    unit = make_unit()
    former, new = make_account(unit), make_account(unit)
    rows = [make_course(former, title=f"要移轉的{i:03}") for i in range(51)]
    return new, reverse("courses:transfers"), "courses", [row.title for row in rows]


def _decided_transfers() -> Wanted:
    operator = make_operator()
    course = make_course()
    to = make_account(course.unit)
    for i in range(21):
        TransferRequest.objects.create(
            course=course,
            from_account=course.handler,
            to_account=to,
            requested_by=to.user,
            requested_at=clock.now(),
            stated_code=course.code,
            stated_title=f"已決定{i:03}",
            stated_name=to.user.name,
            stated_account=to.number,
            reason="交接",
            state=TransferState.REFUSED,
            refusal="不符",
            decided_at=clock.now(),
            decided_by=operator.user,
        )
    return operator, reverse("courses:transfer_queue"), "decided", [f"已決定{i:03}" for i in range(21)]


def _changes_of_identity() -> Wanted:
    operator = make_operator()
    for i in range(31):
        user = make_account().user
        IdentityChange.objects.create(
            user=user,
            old_name=user.name,
            old_email=user.email,
            new_name=f"新名字{i:03}",
            new_email=user.email,
            reason="改名",
            requested_at=clock.now(),
        )
    return operator, reverse("accounts:requests"), "changes", [f"新名字{i:03}" for i in range(31)]


def _decided_applications() -> Wanted:
    operator, unit = make_operator(), make_unit()
    for i in range(21):
        AccountApplication.objects.create(
            user=make_user(f"申請人{i:03}"),
            unit=unit,
            role="handler",
            reason="接辦",
            starts_on=clock.today(),
            requested_at=clock.now(),
            state="refused",
            refusal="不符",
            decided_at=clock.now(),
            decided_by=operator.user,
        )
    return operator, reverse("accounts:requests"), "decided", [f"申請人{i:03}" for i in range(21)]


def _causes_of_a_light() -> Wanted:
    handler = make_account()
    codes = [row.code for row in overdue_courses(handler, 51)]
    return make_officer(handler.unit.county), _of_unit(handler), "causes", codes


def _unclosed_of_a_unit() -> Wanted:
    handler = make_account()
    codes = [make_course(handler, ago=1).code for _i in range(51)]
    return make_officer(handler.unit.county), _of_unit(handler), "unclosed", codes


def _changes_of_a_light() -> Wanted:
    handler = make_account()
    for i in range(51):
        LightChange.objects.create(
            unit=handler.unit,
            year=clock.this_year(),
            before="yellow" if i % 2 else "green",
            after="green" if i % 2 else "yellow",
            overdue=1000 + i,
            cause=LightCause.JOB,
            at=clock.now() - timedelta(minutes=51 - i),
        )
    return (
        make_officer(handler.unit.county),
        _of_unit(handler),
        "changes",
        [f"({1000 + i})" for i in range(51)],
    )


def _of_unit(handler: BusinessAccount) -> str:
    return reverse("courses:county_unit", args=[handler.unit_id])


def _objections(number: int) -> tuple[BusinessAccount, BusinessAccount]:
    handler = make_account()
    account = make_account(handler.unit)
    for i in range(number):
        row = make_enrolment(make_course(handler, ago=3), account.user)
        Objection.objects.create(
            course=row.course, user=row.user, text=f"疑義內容{i:03}", raised_at=clock.now()
        )
    return handler, account


def _open_objections() -> Wanted:
    handler, _account = _objections(51)
    return handler, reverse("hours:objections"), "open", [f"疑義內容{i:03}" for i in range(51)]


def _my_objections() -> Wanted:
    _handler, account = _objections(21)
    return account, reverse("hours:me"), "objections", [f"疑義內容{i:03}" for i in range(21)]


def _my_work() -> Wanted:
    account = make_account()
    for i in range(51):
        Job.objects.create(
            kind="accounts.import_people",
            owner=account.user,
            fingerprint=f"{i}",
            input_name=f"檔案{i:03}.xlsx",
            created_at=clock.now(),
            sent_at=clock.now(),
        )
    return account, reverse("jobs:mine"), "page", [f"檔案{i:03}.xlsx" for i in range(51)]


def _what_happened() -> Wanted:
    handler = make_account()
    course = make_course(handler)
    for i in range(31):
        log.record("course.update", course, by=acting(handler), reason=f"經過{i:03}")
    path = reverse("courses:detail", args=[course.code])
    return handler, path, "history", [f"經過{i:03}" for i in range(31)]


LISTS: list[Callable[[], Wanted]] = [
    _courses_to_ask_for,
    _decided_transfers,
    _changes_of_identity,
    _decided_applications,
    _causes_of_a_light,
    _unclosed_of_a_unit,
    _changes_of_a_light,
    _open_objections,
    _my_objections,
    _my_work,
    _what_happened,
]


@pytest.mark.parametrize("made", LISTS, ids=lambda made: made.__name__.strip("_"))
def test_a_list_longer_than_its_page_leads_to_every_row(made: Callable[[], Wanted]) -> None:
    account, path, name, wanted = made()
    pages = walked(account, path, name)
    assert len(pages) == 2
    assert [row for row in wanted if not any(row in page for page in pages)] == []


def test_a_page_of_one_list_keeps_the_page_of_the_other() -> None:
    operator, path, _name, _wanted = _decided_applications()
    client = Client()
    client.force_login(operator.user)
    page = client.get(path, {"decided": "2", "changes": "3"}).content.decode()
    assert "?decided=1&amp;changes=3#decided" in page and 'id="decided"' in page
