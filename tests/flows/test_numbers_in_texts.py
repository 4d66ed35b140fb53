"""A text that others read holds no identity number: form and action refuse it, so that no notice carries it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bulletin.actions import announcements, downloads
from bulletin.actions.downloads import DownloadData
from courses.actions import campaigns, messages, withdrawal
from courses.actions.campaigns import CampaignFacts
from courses.enums import EnrolmentState
from courses.forms.withdrawal import WithdrawalForm
from courses.models import CourseMessage
from hours.actions import corrections, objections
from hours.models import Objection
from kit import clock
from kit.typed_texts import NumberInText
from notices.models import Notice
from tests.factories import acting, close, make_course, make_enrolment, make_operator, make_user, teacher

pytestmark = pytest.mark.django_db
TEXT = "請更正 A123456789 的時數"


def message(text: str) -> Any:
    course = make_course()
    make_enrolment(course)
    facts: dict[str, Any] = {"to": "admitted", "subject": "提醒", "form_key": uuid4()}
    return messages.send(course=course, by=acting(course.handler), text=text, **facts)


def subject(text: str) -> Any:
    course = make_course()
    make_enrolment(course)
    return messages.send(
        course=course, by=acting(course.handler), to="admitted", subject=text, text="內文", form_key=uuid4()
    )


def closed() -> Any:
    course = make_course(ago=10)
    row = make_enrolment(course)
    close(course)
    return row


def objection(text: str) -> Objection:
    row = closed()
    return objections.object_to(course=row.course, by=teacher(row.user), text=text)


def reply(text: str) -> Any:
    row = objection("當天有簽到")
    return objections.answer(objection=row, by=acting(row.course.handler), text=text)


def review(text: str) -> Any:
    row = reply("已查")
    return objections.request_review(objection=row, by=teacher(row.user), text=text)


def correction(text: str) -> Any:
    row = closed()
    facts: dict[str, Any] = {"state": EnrolmentState.ATTENDED, "hours": Decimal("1.0"), "reason": text}
    return corrections.correct(enrolment=row, by=acting(row.course.handler), **facts)


def announcement(text: str) -> Any:
    day, by = clock.today(), acting(make_operator())
    return announcements.publish(
        by=by, text=text, readers="members", county=None, first_day=day, last_day=day
    )


def download(text: str) -> Any:
    upload, data = SimpleUploadedFile("a.pdf", b"%PDF-1"), DownloadData(title=text, readers="members")
    return downloads.publish(by=acting(make_operator()), upload=upload, data=data)


def campaign(text: str) -> Any:
    facts = CampaignFacts(None, "清查", clock.this_year(), clock.today() + timedelta(days=20), text=text)
    return campaigns.save(by=acting(make_operator()), facts=facts)


def withdrawn(text: str) -> Any:
    course = make_course()
    return withdrawal.withdraw(course=course, by=acting(course.handler), reason="other", text=text)


ACTS: list[Callable[[str], Any]] = [
    message,
    subject,
    objection,
    reply,
    review,
    correction,
    announcement,
    download,
    campaign,
    withdrawn,
]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_the_act_refuses_the_number_and_takes_a_look_alike(act: Callable[[str], Any]) -> None:
    with pytest.raises(NumberInText):
        act(TEXT)
    assert not Notice.objects.filter(body__contains="A123456789").exists()
    assert act("請更正 A123456788，見 https://school.example/pr1234567")


def test_the_page_says_where_the_number_is_and_keeps_the_text() -> None:
    course = make_course()
    make_enrolment(course)
    client = Client(headers={"accept-language": "en"})
    client.force_login(course.handler.user)
    facts = {"to": "admitted", "subject": "提醒", "text": f"您好\n{TEXT}", "act": "preview"}
    page = client.post(reverse("courses:messages", args=[course.code]), facts).content.decode()
    assert "A12345****" in page and TEXT in page
    assert not CourseMessage.objects.exists()


def test_a_refused_explanation_is_not_missed_as_well() -> None:
    form = WithdrawalForm({"reason": "other", "text": TEXT})
    assert [error.code for error in form.errors.as_data()["text"]] == ["number"]
    assert WithdrawalForm({"reason": "other", "text": ""}).errors


def test_a_teacher_who_writes_the_own_number_is_told_so() -> None:
    row, stranger = closed(), make_user()
    client = Client()
    client.force_login(row.user)
    client.post(reverse("hours:object", args=[row.course.code]), {"text": TEXT}, follow=True)
    assert not Objection.objects.exists() and stranger
