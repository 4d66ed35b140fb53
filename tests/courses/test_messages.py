"""The organiser writes to the people of a course: seen first, sent once, recorded, answers to the contact."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent
from courses.actions import messages, withdrawal
from courses.enums import EnrolmentState as S
from courses.enums import MessageTo
from courses.errors import NotTheHandler, WrongState
from courses.errors.participants import NobodyToWriteTo
from courses.forms.messages import MessageForm
from courses.models import Course, CourseMessage, Enrolment
from notices import outbox
from notices.models import Notice
from tests.factories import acting, close, make_account, make_course, make_enrolment

pytestmark = pytest.mark.django_db
WORDS = {"subject": "請攜帶筆電", "text": "當日請自備筆電。"}


def send(course: Course, to: str, **more: Any) -> CourseMessage:
    facts: dict[str, Any] = {
        "course": course,
        "by": acting(course.handler),
        "to": to,
        "form_key": uuid4(),
        **WORDS,
    }
    return messages.send(**facts | more)


def told(message: CourseMessage) -> set[int | None]:
    rows = Notice.objects.filter(kind="course_message", key__endswith=f"event:{message.pk}")
    return set(rows.values_list("recipient_id", flat=True))


def people(course: Course, *states: str) -> list[Enrolment]:
    return [make_enrolment(course, state=state) for state in states]


def test_a_message_reaches_the_people_of_its_choice() -> None:
    course = make_course(ago=2)
    admitted, waiting, applied, declined, cancelled = people(
        course, S.ADMITTED, S.WAITLISTED, S.APPLIED, S.DECLINED, S.CANCELLED
    )
    assert told(send(course, "admitted")) == {admitted.user_id}
    assert told(send(course, "waiting")) == {waiting.user_id, applied.user_id}
    chosen = [admitted.pk, declined.pk, cancelled.pk, make_enrolment(make_course()).pk]
    assert told(send(course, "chosen", chosen=chosen)) == {admitted.user_id, declined.user_id}
    with pytest.raises(NobodyToWriteTo):
        send(course, "present")
    close(course)
    assert told(send(course, "present")) == {admitted.user_id}


def test_one_page_sent_twice_is_one_message_and_two_pages_are_two() -> None:
    course, key = make_course(), uuid4()
    [row] = people(course, S.ADMITTED)
    first, again = send(course, "admitted", form_key=key), send(course, "admitted", form_key=key)
    assert first == again and first.told == 1
    send(course, "admitted")
    assert Notice.objects.filter(kind="course_message", recipient=row.user).count() == 2
    event = AuditEvent.objects.filter(action="course.message").latest("id")
    assert event.after == {"to": "admitted", "subject": "請攜帶筆電", "told": 1}
    assert list(event.subjects.values_list("person_id", flat=True)) == [row.user_id]


def test_an_answer_to_the_mail_reaches_the_contact(mailoutbox: Any) -> None:
    with_contact, without = make_course(contact_mail="office@x.example"), make_course(contact_mail="")
    for course in (with_contact, without):
        people(course, S.ADMITTED)
        send(course, "admitted")
    outbox.drain_all()
    assert sorted(mail.reply_to for mail in mailoutbox) == [[], ["office@x.example"]]
    assert all(mail.subject == "請攜帶筆電" and "自備筆電" in mail.body for mail in mailoutbox)


def test_only_those_in_charge_write_and_only_for_a_course_that_is_held() -> None:
    course = make_course()
    people(course, S.ADMITTED)
    with pytest.raises(NotTheHandler):
        send(course, "admitted", by=acting(make_account(course.unit)))
    withdrawal.withdraw(course=course, by=acting(course.handler), reason="not_held")
    with pytest.raises(WrongState):
        send(course, "admitted")


def test_the_only_choice_of_readers_is_chosen() -> None:
    form = MessageForm({MessageTo.ADMITTED: 0, MessageTo.WAITING: 3}, 0)
    assert form["to"].value() == MessageTo.WAITING and len(form.fields["to"].choices) == 1  # type: ignore[attr-defined]  # a ChoiceField
    assert MessageForm({MessageTo.ADMITTED: 2, MessageTo.WAITING: 3}, 0)["to"].value() == MessageTo.ADMITTED


def test_the_page_shows_the_message_before_it_is_sent_and_sends_only_what_was_shown() -> None:
    course = make_course()
    rows = people(course, S.ADMITTED, S.ADMITTED, S.WAITLISTED)
    client, url = Client(), reverse("courses:messages", args=[course.code])
    client.force_login(course.handler.user)
    chosen = client.post(url, {"enrolment": [rows[0].pk, rows[2].pk]})
    assert "所選人員 (2)" in chosen.content.decode()
    form = {"to": "chosen", "enrolment": [rows[0].pk, rows[2].pk], "form": str(uuid4()), **WORDS}
    page = client.post(url, {**form, "act": "preview"}).content.decode()
    assert "當日請自備筆電" in page and not CourseMessage.objects.exists()
    [seen] = re.findall(r'name="seen" value="([^"]+)"', page)
    for changed in (
        {"seen": ""},
        {"seen": seen, "text": "其他內容"},
        {"seen": seen, "enrolment": [rows[1].pk]},
    ):
        client.post(url, {**form, "act": "send", **changed})
    assert not CourseMessage.objects.exists()
    sent = client.post(url, {**form, "act": "send", "seen": seen}, follow=True).content.decode()
    assert CourseMessage.objects.get().told == 2 and "請攜帶筆電" in sent
    assert "is-invalid" in client.post(url, {"to": "admitted", "act": "preview"}).content.decode()
