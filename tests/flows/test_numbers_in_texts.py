"""A text that others read holds no identity number: form and action refuse it, so that no notice carries it."""

from collections.abc import Callable
from dataclasses import replace
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
from courses.actions import campaigns, messages, registration, withdrawal
from courses.actions.campaigns import CampaignFacts
from courses.actions.course_fields import WRITABLE, CourseData, SessionData
from courses.enums import EnrolmentState
from courses.forms.withdrawal import WithdrawalForm
from courses.models import Course, CourseMessage, Instructor, Question
from hours.actions import corrections, objections
from hours.models import Objection, SurveyQuestion
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


def test_a_course_with_a_number_from_before_is_copied_with_the_number_masked() -> None:
    course = make_course(ago=10, questionnaire="voluntary")
    close(course)
    Course.objects.filter(pk=course.pk).update(outline=f"一、理念\n{TEXT}")
    Instructor.objects.create(course=course, name="黃講師", organisation=TEXT, order=1)
    Question.objects.create(course=course, number=1, kind="choice", text="午餐", choices=f"{TEXT}\n自備")
    SurveyQuestion.objects.create(course=course, number=1, kind="text", text=TEXT)
    client = Client()
    client.force_login(course.handler.user)
    page = client.post(reverse("courses:copy", args=[course.code]), follow=True)
    copy = Course.objects.order_by("-pk")[0]
    assert copy != course and page.status_code == 200 and copy.outline == "一、理念\n請更正 A12345**** 的時數"
    assert "A12345****" in copy.instructors.get(order=1).organisation
    assert copy.questions.get().choices == "請更正 A12345**** 的時數\n自備"
    assert "A12345****" in copy.survey_questions.get().text
    said = " ".join(str(message) for message in page.context["messages"])
    assert "課程大綱、講師、報名" in said.replace("，", "、") and "A123456789" not in page.content.decode()


def test_a_copy_that_is_refused_leads_back_to_the_course() -> None:
    course = make_course()
    Course.objects.filter(pk=course.pk).update(capacity=0)
    client = Client()
    client.force_login(course.handler.user)
    page = client.post(reverse("courses:copy", args=[course.code]), follow=True)
    assert page.request["PATH_INFO"] == reverse("courses:detail", args=[course.code])
    assert [message.level_tag for message in page.context["messages"]] == ["error"]


def test_an_edit_names_the_field_of_a_number_from_before_and_is_taken_without_it() -> None:
    course = make_course()
    Course.objects.filter(pk=course.pk).update(outline=TEXT)
    course.refresh_from_db()
    fields = {name: getattr(course, name) for name in WRITABLE}
    sessions = [SessionData(row.starts_at, row.ends_at) for row in course.sessions.all()]
    data = CourseData(
        fields=fields, sessions=sessions, instructors=[("黃講師", "")], stages=course.stages.all()
    )
    by = acting(course.handler)
    with pytest.raises(NumberInText) as refused:
        registration.update(course=course, by=by, data=data)
    assert refused.value.field == "outline"
    registration.update(course=course, by=by, data=replace(data, fields=fields | {"outline": "一、理念"}))
    assert Course.objects.get(pk=course.pk).outline == "一、理念"


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
