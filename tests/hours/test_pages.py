"""The closing page, the registration form and the catalogue with good and bad input: a sentence, never a 500."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import BusinessAccount
from courses.enums import EnrolmentState as S
from courses.models import Course
from hours.models import Closing, HourCredit
from kit import clock
from tests.factories import (
    close,
    make_account,
    make_course,
    make_enrolment,
    make_lead,
    make_user,
    overdue_courses,
)

pytestmark = pytest.mark.django_db
NASTY = [
    "\0",
    "a" * 10_000,
    "😀",
    "'; DROP TABLE x; --",
    "<script>alert(1)</script>",
    "３小時",
    "-1",
    "0.3",
    "99999999999999999999",
]


def client_of(account: BusinessAccount) -> Client:
    client = Client()
    client.force_login(account.user)
    return client


def closing_form(client: Client, course: Course) -> dict[str, str]:
    page = client.get(reverse("hours:close", args=[course.code])).content.decode()
    form = {"request_key": re.search(r'name="request_key" value="(\w+)"', page).group(1)}  # type: ignore[union-attr]
    for name, value in re.findall(r'name="(hours_\d+)"[^>]*value="([^"]*)"', page):
        form[name] = value
        form[name.replace("hours", "state")] = "attended"
    return form


def test_a_course_is_closed_with_one_click_and_a_second_click_returns_the_same() -> None:
    course = make_course(ago=2)
    make_enrolment(course)
    client = client_of(course.handler)
    form = closing_form(client, course) | {"action": "close"}
    url = reverse("hours:close", args=[course.code])
    for _ in range(2):
        assert client.post(url, form).url == reverse("hours:receipt", args=[course.code])
    assert HourCredit.objects.count() == 1
    other = client.post(url, form | {"request_key": "other"}, follow=True)
    assert "115年11月24日" in other.content.decode()


@pytest.mark.parametrize("hours", ["", "3小時", "-1", "0.3", "NaN", "Infinity", "1e9", "\0", "９"])
def test_wrong_hours_are_said_at_the_row_and_nothing_is_saved(hours: str) -> None:
    course = make_course(ago=2)
    row = make_enrolment(course)
    client = client_of(course.handler)
    form = closing_form(client, course) | {"action": "close", f"hours_{row.pk}": hours}
    answer = client.post(reverse("hours:close", args=[course.code]), form)
    assert answer.status_code == 200
    assert f'id="error_{row.pk}"' in answer.content.decode()
    assert not Closing.objects.exists()


def test_full_width_digits_are_hours_too() -> None:
    course = make_course(ago=2)
    row = make_enrolment(course)
    client = client_of(course.handler)
    form = closing_form(client, course) | {"action": "close", f"hours_{row.pk}": "１.５"}
    client.post(reverse("hours:close", args=[course.code]), form)
    assert HourCredit.objects.get().hours == 1.5


def test_walk_ins_are_looked_up_and_cannot_be_forged() -> None:
    course, walker = make_course(ago=2), make_user()
    walker.set_national_id("A123456789")
    walker.save()
    client, url = client_of(course.handler), reverse("hours:close", args=[course.code])
    form = closing_form(client, course)
    page = client.post(url, form | {"action": "add", "walk_in": "A123456789"}).content.decode()
    token = re.search(r'name="walk_in_token" value="([^"]+)"', page).group(1)  # type: ignore[union-attr]
    assert "A123456789" not in page
    unknown = client.post(url, form | {"action": "add", "walk_in": "A800000014"}).content.decode()
    assert "A80000****" in unknown and "A800000014" not in unknown.split('id="walk_in_error"')[1]
    client.post(
        url, form | {"action": "close", "walk_in_token": [token, "forged:token"], f"hours_w{walker.pk}": "2"}
    )
    assert list(HourCredit.objects.values_list("user_id", "hours")) == [(walker.pk, 2)]


@pytest.mark.parametrize("token", ["\ud800:x:y", "\ud800", "a:b:\udfff", "臺:x:y"])
def test_a_token_that_is_no_text_names_nobody(token: str) -> None:
    """The page's script sends JSON, in which half of a surrogate pair can be written."""
    course = make_course(ago=2)
    client, url = client_of(course.handler), reverse("hours:close", args=[course.code])
    sheet = json.dumps({"marks": {}, "walk_ins": [[token, "3"]]})
    for act in ("check", "draft", "close"):
        assert client.post(url, {"action": act, "sheet": sheet, "request_key": "k"}).status_code < 400
    assert not HourCredit.objects.exists()


def test_four_hundred_people_fit_on_one_page_with_as_many_queries_as_one(
    django_assert_max_num_queries: Any,
) -> None:
    course = make_course(ago=2, capacity=400)
    people = [make_enrolment(course)]
    from accounts.models import User
    from courses.models import Enrolment

    users = User.objects.bulk_create(
        [User(email=f"n{i}@x.example", name=f"人{i}", password="!") for i in range(399)]
    )
    people += Enrolment.objects.bulk_create(
        [Enrolment(course=course, user=u, state=S.ADMITTED, enrolled_at=clock.now()) for u in users]
    )
    Course.objects.filter(pk=course.pk).update(seats_taken=400)
    client = client_of(course.handler)
    with django_assert_max_num_queries(20):
        form = closing_form(client, course)
    assert len(form) == 801
    with django_assert_max_num_queries(50):
        client.post(reverse("hours:close", args=[course.code]), form | {"action": "close"})
    assert Closing.objects.get().attended == 400


def test_another_units_course_is_a_404_like_an_unknown_one_on_every_page() -> None:
    course, stranger = make_course(ago=2), client_of(make_lead())
    names = [
        "courses:detail",
        "courses:edit",
        "courses:withdraw",
        "courses:applicants",
        "hours:close",
        "hours:receipt",
        "hours:correct",
    ]
    for name in names:
        for code in (course.code, "1234567", "x"):
            assert stranger.get(reverse(name, args=[code])).status_code == 404, name
    for name in ("courses:admit", "courses:copy", "courses:discard", "courses:confirm_registration"):
        assert stranger.post(reverse(name, args=[course.code])).status_code == 404, name


def test_a_colleague_sees_the_course_and_cannot_close_it_even_past_the_page() -> None:
    course = make_course(ago=2)
    client = client_of(make_account(course.unit))
    assert client.get(reverse("courses:detail", args=[course.code])).status_code == 200
    client.post(reverse("hours:close", args=[course.code]), {"action": "close", "request_key": "x"})
    assert not Closing.objects.exists()


def course_form(**changes: Any) -> dict[str, Any]:
    form = {
        "title": "素養導向研習", "approval_number": "無文號", "hours": "3", "summary": "摘要", "materials": "講義", "method": "講授",
        "audience": "國中教師", "stages": "5", "mode": "on_site", "place": "視聽教室", "capacity": "30", "admission": "automatic",
        "fee": "0", "payer": "nobody", "contact_name": "陳怡君", "contact_phone": "08-8642009", "sessions-TOTAL_FORMS": "1",
        "sessions-INITIAL_FORMS": "0", "sessions-0-day": "2026-12-10", "sessions-0-starts": "13:30", "sessions-0-ends": "16:30",
        "instructors-TOTAL_FORMS": "1", "instructors-INITIAL_FORMS": "0", "instructors-0-name": "黃教授",
    }  # fmt: skip
    return form | changes


def test_a_complete_form_registers_a_course_with_a_code() -> None:
    client = client_of(make_account())
    client.post(reverse("courses:register"), course_form(register="1"))
    course = Course.objects.get()
    assert course.state == "registered" and re.fullmatch(r"[1-9]\d{6}", course.code)
    assert (course.year, course.starts_on, course.sessions.count()) == (115, clock.date(2026, 12, 10), 1)


def test_what_is_missing_is_named_and_the_draft_is_kept() -> None:
    client = client_of(make_account())
    form = course_form(register="1", summary="", place="", **{"instructors-0-name": ""})
    page = client.post(reverse("courses:register"), form, follow=True).content.decode()
    assert Course.objects.get().state == "draft"
    for word in ("課程簡介", "地點", "至少一位講師"):
        assert word in page


def test_a_red_unit_keeps_the_draft_and_shows_why() -> None:
    handler = make_account()
    overdue_courses(handler, 5)
    page = (
        client_of(handler)
        .post(reverse("courses:register"), course_form(register="1"), follow=True)
        .content.decode()
    )
    assert "課程登錄功能已關閉" in page
    assert Course.objects.filter(state="draft").count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sessions-0-day", "1910-12-31"), ("sessions-0-day", "9999-01-01"), ("sessions-0-day", "明天"), ("sessions-0-ends", "13:00"),
        ("hours", "0.3"), ("hours", "-1"), ("hours", "3小時"), ("capacity", "0"), ("capacity", "999999999999999999999"),
        ("title", "甲" * 121), ("title", "\0"), ("summary", "a" * 10_000), ("meeting_link", "javascript:alert(1)"),
        ("enrol_until", "9999-12-31"), ("contact_mail", "not-mail"), ("stages", "999"), ("fee", "-5"), ("payer", "king"),
    ],
)  # fmt: skip
def test_bad_input_of_the_registration_form_is_said_at_its_field(field: str, value: str) -> None:
    answer = client_of(make_account()).post(
        reverse("courses:register"), course_form(register="1", **{field: value})
    )
    assert answer.status_code == 200
    assert "field-errors" in answer.content.decode() or "alert-danger" in answer.content.decode()
    assert not Course.objects.exists()


def test_editing_keeps_sessions_and_refuses_a_version_that_a_colleague_has_overtaken() -> None:
    client = client_of(make_account())
    client.post(reverse("courses:register"), course_form(register="1"))
    course = Course.objects.get()
    url = reverse("courses:edit", args=[course.code])
    form = course_form(
        title="新名稱",
        version=str(course.version),
        **{"sessions-INITIAL_FORMS": "1", "instructors-INITIAL_FORMS": "1"},
    )
    client.post(url, form)
    course.refresh_from_db()
    assert course.title == "新名稱" and course.sessions.count() == 1 and course.instructors.count() == 1
    stale = client.post(url, form | {"title": "更新的名稱"})
    assert "同仁剛剛修改過" in stale.content.decode()
    course.refresh_from_db()
    assert course.title == "新名稱"


@pytest.mark.parametrize("nasty", NASTY)
def test_nasty_input_never_breaks_a_page(nasty: str) -> None:
    course = make_course(ago=2)
    row = make_enrolment(course)
    close(course)
    lead = client_of(make_lead(course.unit))
    gets = [
        (
            "courses:catalogue",
            {"q": nasty, "unit": nasty, "first": nasty, "stage": nasty, "county": nasty, "page": nasty},
        ),
        ("courses:unit_courses", {"q": nasty, "year": nasty, "handler": nasty, "state": nasty}),
        ("hours:unit_records", {"year": nasty, "page": nasty}),
    ]
    for name, query in gets:
        assert lead.get(reverse(name), query).status_code == 200, name
    posts = [
        (
            "hours:correct",
            [course.code],
            {"enrolment": nasty, "state": nasty, "hours": nasty, "reason": nasty},
        ),
        (
            "hours:correct",
            [course.code],
            {"enrolment": row.pk, "state": "attended", "hours": nasty, "reason": "x"},
        ),
        ("hours:correct", [course.code], {"person": nasty, "hours": nasty, "reason": nasty}),
        ("courses:admit", [course.code], {"enrolment": nasty, "action": nasty, "note": nasty}),
        ("courses:notify_handlers", [], {"course": nasty}),
        ("courses:request_transfer", [], {"course": nasty, "reason": nasty}),
        ("switch_hat", [], {"account": nasty, "next": nasty}),
    ]
    for name, args, form in posts:
        assert lead.post(reverse(name, args=args), form).status_code in (200, 302, 404), name
    assert HourCredit.objects.count() == 1


def test_a_hat_of_another_person_cannot_be_put_on() -> None:
    client, other = client_of(make_account()), make_account()
    client.post(reverse("switch_hat"), {"account": other.pk}, follow=True)
    assert client.get("/unit/").wsgi_request.actor.account != other  # type: ignore[attr-defined]


def test_switching_hats_never_leads_off_the_site() -> None:
    client = client_of(make_account())
    assert client.post(reverse("switch_hat"), {"account": "", "next": "https://evil.example/"}).url == "/"


def test_a_refused_correction_keeps_what_was_typed_and_leads_to_its_field() -> None:
    course = make_course(ago=10)
    row, other = make_enrolment(course), make_enrolment(course)
    close(course)
    client, address = client_of(course.handler), reverse("hours:correct", args=[course.code])
    page = client.post(address, {"enrolment": row.pk, "state": "attended", "hours": "99", "reason": "早退"})
    html = page.content.decode()
    assert f'href="#hours_{row.pk}"' in html and html.count(f'id="hours_{row.pk}"') == 1
    assert 'value="99"' in html and 'value="早退"' in html
    assert f'id="hours_{row.pk}_errors"' in html and f'id="hours_{other.pk}_errors"' not in html
    html = client.post(address, {"person": "nobody", "hours": "1", "reason": ""}).content.decode()
    assert 'href="#reason_forgotten"' in html and 'value="nobody"' in html
