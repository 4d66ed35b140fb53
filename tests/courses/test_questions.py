"""The question before an act that many feel: it names what will happen, and its no can be taken for nothing else."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext, override

from courses.actions import transfers
from courses.enums import Admission
from courses.enums import EnrolmentState as S
from tests.factories import acting, make_account, make_course, make_enrolment, make_lead, make_operator

pytestmark = pytest.mark.django_db
ASKING = re.compile(r'<button[^>]*data-confirm-list="(\w+)"[^>]*data-confirm="([^"]*)"[^>]*>', re.S)


def questions(page: str) -> dict[str, str]:
    """The questions of a page about chosen rows, by the value of their button."""
    found = ASKING.finditer(page)
    return {(re.findall(r'value="(\w+)"', hit[0]) or [""])[0]: hit[2] for hit in found}


def test_a_decision_about_many_transfers_names_each_with_both_handlers(client: Client) -> None:
    handler = make_account()
    colleague, operator = make_account(handler.unit), make_operator()
    course = make_course(handler)
    transfers.request(by=acting(colleague), courses=[course], reason="r")
    client.force_login(operator.user)
    page = client.get(reverse("courses:transfer_queue")).content.decode()
    says = f"{course.code} {course.title}: {handler.user.name} → {colleague.user.name}"
    assert f'data-says="{escape(says)}"' in page
    assert set(questions(page)) == {"approve", "refuse"} and all("{n}" in q for q in questions(page).values())


def test_admitting_and_declining_are_confirmed_with_the_number(client: Client) -> None:
    course = make_course(make_account(), admission=Admission.REVIEW)
    make_enrolment(course, state=S.APPLIED)
    client.force_login(course.handler.user)
    page = client.get(reverse("courses:applicants", args=[course.code])).content.decode()
    assert set(questions(page)) == {"admit", "decline"} and all("{n}" in q for q in questions(page).values())


def test_notifying_the_chosen_handlers_is_confirmed_first(client: Client) -> None:
    lead = make_lead()
    course = make_course(make_account(lead.unit), ago=5)
    client.force_login(lead.user)
    page = client.get(reverse("courses:unit_courses")).content.decode()
    assert "{n}" in questions(page)[""] and f"{escape(course.title)}: {course.handler.user.name}" in page


def test_the_question_before_cancelling_names_the_course(client: Client) -> None:
    enrolment = make_enrolment(make_course())
    client.force_login(enrolment.user)
    page = client.get(reverse("courses:public", args=[enrolment.course.code])).content.decode()
    asked = re.search(r'/cancel/"\s+data-confirm="([^"]*)"', page)
    assert asked and escape(enrolment.course.title) in asked[1]


def test_the_no_is_a_plain_way_back_in_both_languages(client: Client) -> None:
    for language, words in (("zh-hant", "返回"), ("en", "Go back")):
        with override(language):
            assert gettext("Go back") == words
    page = client.get(reverse("courses:catalogue")).content.decode()
    refuse = re.search(r'<button[^>]*value="no"[^>]*>([^<]*)<', page)
    assert refuse and refuse[1] == "返回" and "data-words" not in refuse[0]
