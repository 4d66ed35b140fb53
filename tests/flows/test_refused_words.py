"""A form that is one of many on a page is refused by a message and a redirect: words and ticks are in it again, without a refused number."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import NamedTuple
from unittest import mock

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.actions import applications
from accounts.models import User
from courses.actions import lights, reminders, transfers
from courses.errors import OnlyOversight
from courses.models import Course
from hours.actions import attendance
from hours.actions.attendance import HandSign
from kit import clock
from kit.refused_texts import KEY, SECONDS
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
    teacher,
)

pytestmark = pytest.mark.django_db
WORDS = "火警，全部重簽"


class Post(NamedTuple):
    """What is sent and refused, by whom, and the page on which the form is."""

    user: User
    path: str
    data: dict[str, str]
    page: str
    field: str


def signed_in(course: Course) -> None:
    signs = [HandSign(make_enrolment(course).user_id, "in")]
    attendance.sign_by_hand(session=course.sessions.get(), by=acting(course.handler), signs=signs)


def all_signs() -> Post:
    course = make_course(day=clock.today())
    signed_in(course)
    path = reverse("hours:attendance", args=[course.code])
    data = {"take_all_back": "0", "reason": WORDS}
    return Post(course.handler.user, path, data, path, "reason")


def missed_sign() -> Post:
    course = make_course(day=clock.today())
    row = make_enrolment(course)
    other = make_course(day=clock.today())
    make_enrolment(other, user=row.user)
    # Others have signed in both, and the later one is listed first.
    for held in (course, other):
        signed_in(held)
    path, number = reverse("hours:sign"), course.sessions.get().pk
    return Post(
        row.user, path, {"act": "report", "session": f"{number}", "text": f"{WORDS} A123456789"}, path, "text"
    )


def objection() -> Post:
    course = make_course(ago=10)
    row = make_enrolment(course)
    close(course)
    data = {"text": f"{WORDS} A123456789"}
    return Post(row.user, reverse("hours:object", args=[course.code]), data, reverse("hours:me"), "text")


def objection_on_the_page_of_the_course() -> Post:
    course = make_course(ago=10)
    make_enrolment(course)
    close(course)
    data = {"text": f"{WORDS} A123456789", "back": "course"}
    page = reverse("courses:public", args=[course.code])
    return Post(make_user(), reverse("hours:object", args=[course.code]), data, page, "text")


def transfer_without_a_course() -> Post:
    account = make_account()
    make_course(handler=make_account(unit=account.unit))
    page = reverse("courses:transfers")
    return Post(account.user, reverse("courses:request_transfer"), {"reason": WORDS}, page, "reason")


def refusal_of_an_application() -> Post:
    lead = make_lead()
    row = applications.apply(
        by=teacher(make_user()), unit=lead.unit, role="handler", reason="接任", starts_on=clock.today()
    )
    data = {"decision": "refuse", "reason": f"{WORDS} A123456789"}
    page = reverse("accounts:requests")
    return Post(lead.user, reverse("accounts:decide_application", args=[row.pk]), data, page, "reason")


def second_step() -> Post:
    person = make_user()
    path = reverse("signin:reset_second_factor", args=[person.pk])
    page = reverse("accounts:person", args=[person.pk])
    return Post(make_operator().user, path, {"reason": f"{WORDS} A123456789"}, page, "reason")


def support_view() -> Post:
    person = make_user()
    path = reverse("signin:begin_support", args=[person.pk])
    page = reverse("accounts:person", args=[person.pk])
    return Post(make_operator().user, path, {"reason": f"{WORDS} A123456789"}, page, "reason")


def suspension() -> Post:
    lead = make_lead()
    account = make_account(unit=lead.unit)
    path, page = (reverse(name, args=[account.pk]) for name in ("accounts:suspend", "courses:account"))
    return Post(lead.user, path, {"reason": f"{WORDS} A123456789"}, page, "reason")


def search() -> Post:
    path, page = reverse("courses:keep_search"), reverse("courses:catalogue")
    return Post(make_user(), path, {"name": f"{WORDS} A123456789", "query": "q=x"}, page, "name")


CASES: list[Callable[[], Post]] = [
    all_signs,
    missed_sign,
    objection,
    objection_on_the_page_of_the_course,
    transfer_without_a_course,
    refusal_of_an_application,
    second_step,
    support_view,
    suspension,
    search,
]


@pytest.fixture(autouse=True)
def afternoon() -> Iterator[None]:
    with time_machine.travel(clock.at_taipei(clock.today()) + timedelta(hours=14), tick=False):
        yield


FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)


def values(page: str, path: str, field: str) -> list[str]:
    """Return what the fields of this name hold in the forms that are sent to this path, or to the page itself; of a choice, what is chosen."""
    found: list[str] = []
    for attributes, body in FORM.findall(page):
        action = re.search(r'action="([^"?]*)', attributes)
        if 'method="post"' in attributes and (not action or action[1] == path):
            found += re.findall(rf'<textarea[^>]*name="{field}"[^>]*>([^<]*)<', body)
            for control in re.findall(rf'<input[^>]*name="{field}"[^>]*>', body):
                found += re.findall(r'value="([^"]*)"', control)
            for options in re.findall(rf'<select[^>]*name="{field}"[^>]*>(.*?)</select>', body, re.DOTALL):
                found += re.findall(r'value="(\w*)"\s+selected', options)
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_the_words_are_in_the_form_again(case: Callable[[], Post]) -> None:
    post = case()
    client = Client(headers={"accept-language": "en"})
    client.force_login(post.user)
    response = client.post(post.path, post.data)
    assert response.status_code == 302 and response["Location"].split("?")[0] == post.page
    assert "A123456789" not in repr(dict(client.session))
    page = client.get(response["Location"]).content.decode()
    [value] = [value for value in values(page, post.path, post.field) if value]
    assert value.startswith(WORDS) and "A123456789" not in page
    assert "A12345****" in page or "A123456789" not in str(post.data)
    # Shown once: the next look at the page has an empty form.
    again = client.get(response["Location"]).content.decode()
    assert KEY not in client.session and not any(values(again, post.path, post.field))


def test_the_session_that_was_chosen_is_chosen_again() -> None:
    post = missed_sign()
    client = Client()
    client.force_login(post.user)
    page = client.post(post.path, post.data, follow=True).content.decode()
    assert values(page, post.path, "session")[-1] == post.data["session"]


def ticked(page: str, name: str) -> list[int]:
    """Return the rows of a list whose boxes are ticked."""
    boxes = re.findall(rf'<input[^>]*name="{name}"[^>]*>', page)
    return [int(re.findall(r'value="(\d+)"', box)[0]) for box in boxes if re.search(r"\schecked\b", box)]


@pytest.mark.parametrize("reason", ["", f"{WORDS} A123456789"])
def test_the_courses_that_were_ticked_are_ticked_again(reason: str) -> None:
    account = make_account()
    left = make_account(unit=account.unit)
    courses = [make_course(handler=left) for _number in range(3)]
    client = Client()
    client.force_login(account.user)
    wanted = [courses[0].pk, courses[2].pk]
    path = reverse("courses:request_transfer") + "?courses=1"
    response = client.post(path, {"course": wanted, "reason": reason})
    assert response.status_code == 302 and response["Location"] == reverse("courses:transfers") + "?courses=1"
    assert sorted(ticked(client.get(response["Location"]).content.decode(), "course")) == wanted
    assert ticked(client.get(response["Location"]).content.decode(), "course") == []


@pytest.mark.parametrize("reason", ["", f"{WORDS} A123456789"])
def test_the_requests_that_were_ticked_are_ticked_again(reason: str) -> None:
    account = make_account()
    left = make_account(unit=account.unit)
    courses = [make_course(handler=left) for _number in range(3)]
    made = transfers.request(by=acting(account), courses=courses, reason="接任")
    client = Client()
    client.force_login(make_operator().user)
    wanted = sorted(row.pk for row in made[:2])
    path = reverse("courses:transfer_decide") + "?page=1"
    response = client.post(path, {"transfer": wanted, "action": "refuse", "reason": reason})
    assert response.status_code == 302
    assert response["Location"] == reverse("courses:transfer_queue") + "?page=1"
    assert sorted(ticked(client.get(response["Location"]).content.decode(), "transfer")) == wanted
    assert ticked(client.get(response["Location"]).content.decode(), "transfer") == []


def test_the_courses_of_a_refused_notice_are_ticked_again_on_the_same_page() -> None:
    lead = make_lead()
    courses = [make_course(make_account(lead.unit), ago=40) for _number in range(3)]
    client = Client()
    client.force_login(lead.user)
    list_page = reverse("courses:unit_courses") + "?state=registered&page=1"
    page = client.get(list_page).content.decode()
    assert ticked(page, "course") == []
    wanted = [courses[0].pk, courses[2].pk]
    with mock.patch.object(reminders, "notify_handlers", side_effect=OnlyOversight):
        back = client.post(
            reverse("courses:notify_handlers") + "?state=registered&page=1", {"course": wanted}
        )
    assert back["Location"] == list_page
    assert sorted(ticked(client.get(list_page).content.decode(), "course")) == wanted
    assert ticked(client.get(list_page).content.decode(), "course") == []


@pytest.mark.parametrize(
    ("route", "page", "query", "act"),
    [
        ("courses:chase", "courses:county", "?page=1", "chase"),
        ("courses:chase", "courses:year_end", "?page=1&year={year}", "chase"),
        ("courses:forecast_notify", "courses:forecast", "?page=1", "warn"),
    ],
)
def test_the_units_of_a_refused_chase_are_ticked_again(route: str, page: str, query: str, act: str) -> None:
    unit = make_unit()
    ago = {"courses:forecast": 28}.get(page, 40)
    year = {make_course(make_account(unit), ago=ago).year for _number in range(5)}.pop()
    lights.refresh()
    client = Client()
    client.force_login(make_officer(unit.county).user)
    place = reverse(page) + query.format(year=year)
    data = {"unit": [unit.pk]} | ({"year": year} if "year" in query else {})
    assert not ticked(client.get(place).content.decode(), "unit")
    with mock.patch.object(reminders, act, side_effect=OnlyOversight):
        back = client.post(reverse(route) + query.format(year=year), data)
    assert back["Location"] == place
    assert set(ticked(client.get(place).content.decode(), "unit")) == {unit.pk}
    assert not ticked(client.get(place).content.decode(), "unit")


def test_a_unit_that_was_left_out_of_a_refused_chase_is_not_ticked_again() -> None:
    county = make_county()
    units = [make_unit(county=county) for _number in range(2)]
    for unit in units:
        handler = make_account(unit)
        for _number in range(5):
            make_course(handler, ago=40)
    lights.refresh()
    client = Client()
    client.force_login(make_officer(county).user)
    place = reverse("courses:county") + "?chosen=red"
    assert set(ticked(client.get(place).content.decode(), "unit")) == {unit.pk for unit in units}
    with mock.patch.object(reminders, "chase", side_effect=OnlyOversight):
        client.post(reverse("courses:chase"), {"unit": [units[0].pk]})
    assert set(ticked(client.get(place).content.decode(), "unit")) == {units[0].pk}


def test_another_form_does_not_get_the_words_and_old_ones_are_forgotten() -> None:
    post = support_view()
    client = Client()
    client.force_login(post.user)
    client.post(post.path, post.data)
    page = client.get(post.page).content.decode()
    assert not any(
        values(page, reverse("signin:reset_second_factor", args=[post.path.split("/")[-3]]), "reason")
    )
    client.post(post.path, post.data)
    with time_machine.travel(clock.now() + timedelta(seconds=SECONDS + 1), tick=False):
        assert not any(values(client.get(post.page).content.decode(), post.path, "reason"))
