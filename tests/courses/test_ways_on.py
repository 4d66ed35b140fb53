"""Pages that explain what happened and where to continue: a hat that is gone, an ended account, an empty search, who gets an
objection.
"""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from accounts.actions import appointments
from courses.enums import EnrolmentState as S
from tests.factories import acting, make_account, make_course, make_enrolment, make_lead

pytestmark = pytest.mark.django_db


def text_of(client: Client, path: str, **data: str) -> str:
    return client.get(path, data).content.decode()


def empty_part(page: str) -> str:
    return page[page.index('class="empty"') :].partition("</div>")[0]


def test_a_former_handler_reads_that_the_account_has_ended(client: Client) -> None:
    lead = make_lead()
    account = make_account(lead.unit)
    appointments.end(account=account, by=acting(lead), confirmed=True)
    client.force_login(account.user)
    response = client.get(reverse("courses:unit_home"))
    page = response.content.decode()
    assert response.status_code == 403 and account.number in page and "已停用" in page
    assert reverse("accounts:apply") in page and reverse("courses:account", args=[account.pk]) in page
    assert "切換" not in re.sub(r"(?s)<header.*?</header>|<dialog.*?</dialog>", "", page)


def test_a_suspended_handler_reads_who_can_help(client: Client) -> None:
    lead = make_lead()
    account = make_account(lead.unit)
    appointments.suspend(account=account, by=acting(lead), reason="r")
    client.force_login(account.user)
    page = text_of(client, reverse("courses:unit_home"))
    assert "已暫停使用" in page and "單位管理者或縣市承辦人可恢復使用" in page


def test_a_handler_with_a_hat_in_force_is_sent_to_that_hat(client: Client) -> None:
    account = make_account()
    client.force_login(account.user)
    client.post(reverse("switch_hat"), {"account": ""})
    page = text_of(client, reverse("courses:unit_home"))
    assert "已停用" not in page and reverse("accounts:apply") not in page


def test_ending_an_account_names_its_unclosed_courses_before_and_after(client: Client) -> None:
    lead = make_lead()
    account = make_account(lead.unit)
    course = make_course(account, ago=2)
    client.force_login(lead.user)
    path = reverse("courses:account", args=[account.pk])
    asked = re.search(r'/end/"\s+data-confirm="([^"]*)"', text_of(client, path))
    assert asked and course.code in asked[1] and escape(course.title) in asked[1]
    end = reverse("courses:end_account", args=[account.pk])
    question = client.post(end, {"reason": "r"}).content.decode()
    account.refresh_from_db()
    assert account.is_active() and 'name="confirmed"' in question and account.user.name in question
    page = client.post(end, {"reason": "r", "confirmed": "on"}, follow=True)
    said = [str(m) for m in page.context["messages"]]
    assert course.code in said[0] and course.title in said[0]
    assert reverse("courses:offer_courses", args=[account.pk]) in page.content.decode()


def test_ending_an_account_without_courses_says_so(client: Client) -> None:
    lead = make_lead()
    account = make_account(lead.unit)
    client.force_login(lead.user)
    make_account(lead.unit)
    page = client.post(reverse("courses:end_account", args=[account.pk]), {"reason": "r"}, follow=True)
    assert "沒有尚未結案的課程" in str(next(iter(page.context["messages"])))


def test_an_objection_says_that_the_lead_gets_it_when_the_handler_has_left(client: Client) -> None:
    lead = make_lead()
    handler = make_account(lead.unit)
    course = make_course(handler, ago=3)
    enrolment = make_enrolment(course)
    client.force_login(enrolment.user)
    assert "送給承辦人" in text_of(client, reverse("hours:me"))
    appointments.end(account=handler, by=acting(lead), confirmed=True)
    assert "送給單位管理者" in text_of(client, reverse("hours:me"))
    page = client.post(reverse("hours:object", args=[course.code]), {"text": "t"}, follow=True)
    said = str(next(iter(page.context["messages"])))
    assert "單位管理者" in said and course.unit.name in said


def test_an_objection_says_that_the_handler_gets_it(client: Client) -> None:
    enrolment = make_enrolment(make_course(ago=3))
    client.force_login(enrolment.user)
    path = reverse("hours:object", args=[enrolment.course.code])
    page = client.post(path, {"text": "t"}, follow=True)
    assert "課程承辦人" in str(next(iter(page.context["messages"])))


def test_an_empty_search_names_the_query_and_each_way_to_find_more(client: Client) -> None:
    path = reverse("courses:catalogue")
    page = text_of(client, path, q="無此課程", mode="online")
    empty = empty_part(page)
    assert "無此課程" in empty and 'id="without-q"' in empty and 'id="without-mode"' in empty
    assert 'id="without-all"' in empty and 'id="with-past"' in empty
    empty = empty_part(text_of(client, path))
    assert "目前沒有即將開始的課程" in empty and "without" not in empty and "關鍵字" not in empty


def test_cancelling_names_the_course(client: Client) -> None:
    enrolment = make_enrolment(make_course(), state=S.ADMITTED)
    client.force_login(enrolment.user)
    page = client.post(reverse("courses:cancel", args=[enrolment.course.code]), follow=True)
    assert enrolment.course.title in str(next(iter(page.context["messages"])))


def test_the_page_of_a_list_names_its_list_to_screen_readers(client: Client) -> None:
    lead = make_lead()
    colleague = make_account(lead.unit)
    for number in range(55):
        make_course(colleague, ago=number + 1)
    client.force_login(lead.user)
    page = text_of(client, reverse("courses:transfers"))
    assert re.search(r'<nav[^>]*aria-label="[^"]+: [^"]+"\s*>\s*<ul class="pagination', page)
