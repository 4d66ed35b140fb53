"""What a person gets in the act of enrolling and cancelling: one notice in one statement, complete when its mail leaves."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from icalendar import Calendar

from courses.actions import admissions, enrolments, withdrawal
from courses.actions.course_fields import SessionData
from courses.actions.registration import update
from courses.enums import LeaveKind
from courses.models import Course, Enrolment
from kit import clock
from notices import mail_preferences, outbox
from notices.models import Notice
from tests.concurrency.acts import as_data
from tests.factories import acting, enrol, make_account, make_course, make_enrolment, make_user, teacher

pytestmark = pytest.mark.django_db


def calendar_of(mail: Any) -> Any:
    """The calendar that goes with a mail."""
    ((name, content, media_type),) = mail.attachments
    assert name.endswith(".ics") and media_type.startswith("text/calendar; method=")
    return Calendar.from_ical(content)


def uids(calendar: Any) -> list[tuple[str, str]]:
    return [(str(event["uid"]), str(event["status"])) for event in calendar.walk("VEVENT")]


def test_the_confirmation_names_when_where_the_contact_and_until_when_to_cancel(
    mailoutbox: list[EmailMessage],
) -> None:
    course = make_course(leave_kind=LeaveKind.SUBSTITUTE, contact_phone="08-8642009")
    row = enrol(course)
    outbox.drain()
    (mail,) = mailoutbox
    assert mail.to == [row.user.email] and course.title in mail.subject
    for word in ("13:30–16:30", "視聽教室", "08-8642009", "以前", "公假派代", "公假及課務申請"):
        assert word in str(mail.body), word
    assert Notice.objects.get().body in str(mail.body), "the inbox has the same text"


def test_an_application_and_a_waiting_place_are_confirmed_without_a_calendar(mailoutbox: list[Any]) -> None:
    applied, full = make_course(admission="review"), make_course(capacity=1)
    make_enrolment(full)
    enrol(applied)
    enrol(full)
    outbox.drain()
    assert ["待審核" in mailoutbox[0].subject, "備取" in mailoutbox[1].subject] == [True, True]
    assert not any(mail.attachments for mail in mailoutbox) and "公假" not in mailoutbox[0].body


def test_a_confirmation_that_is_no_longer_true_is_not_sent(mailoutbox: list[EmailMessage]) -> None:
    course, person = make_course(), make_user()
    enrol(course, person)
    enrolments.cancel(course=course, by=teacher(person))
    outbox.drain()
    assert ["取消" in mail.subject for mail in mailoutbox] == [True]


def test_a_person_who_wants_no_such_mail_gets_none_but_finds_it_in_the_inbox(
    mailoutbox: list[EmailMessage],
) -> None:
    course, person = make_course(), make_user()
    mail_preferences.set_mail(person_id=person.pk, category="enrolment", by_mail=False)
    enrol(course, person)
    assert outbox.drain() == {"sent": 0, "failed": 0} and not mailoutbox
    assert Notice.objects.for_person(person.pk).get().by_mail is False


def test_a_confirmation_costs_one_statement(django_assert_num_queries: Any) -> None:
    course = make_course()
    enrol(course)
    row = enrol(course)
    from courses.actions.confirmations import confirm

    with django_assert_num_queries(1):
        confirm(row, course, row.user, type("Event", (), {"pk": 12345})())


def test_a_batch_of_confirmations_takes_the_same_queries_for_one_and_for_many(
    django_assert_max_num_queries: Any,
) -> None:
    course = make_course()
    enrol(course)
    with django_assert_max_num_queries(20) as one:
        outbox.drain()
    for _ in range(20):
        enrol(make_course())
    with django_assert_max_num_queries(len(one)) as many:
        outbox.drain()
    assert len(many) == len(one)


# --- The calendar -----------------------------------------------------------------------------------------------------
def changed(course: Course, sessions: list[SessionData]) -> None:
    handler = acting(course.handler)
    data = as_data(course)
    fields = {"sessions": sessions}
    update(course=course, by=handler, data=type(data)(**{**vars(data), **fields}))


def session(course: Course, days: int) -> SessionData:
    first = course.sessions.get()
    return SessionData(first.starts_at + timedelta(days=days), first.ends_at + timedelta(days=days))


def test_the_sessions_are_updated_and_cancelled_by_the_same_uids(mailoutbox: list[Any]) -> None:
    handler = make_account()
    course = make_course(handler)
    row = enrol(course)
    outbox.drain()
    first = calendar_of(mailoutbox[0])
    ((uid, status),) = uids(first)
    event = first.walk("VEVENT")[0]
    assert status == "CONFIRMED" and str(first["method"]) == "PUBLISH"
    assert event["dtstart"].dt == course.sessions.get().starts_at and str(event["location"]) == course.place

    course = Course.objects.get(pk=course.pk)
    one, two = session(course, 1), session(course, 2)
    changed(course, [one, two])
    outbox.drain()
    second = calendar_of(mailoutbox[1])
    assert [status for _, status in uids(second)] == ["CONFIRMED", "CONFIRMED"] and uids(second)[0][0] == uid
    assert second.walk("VEVENT")[0]["sequence"] > event["sequence"]

    changed(Course.objects.get(pk=course.pk), [one])
    outbox.drain()
    assert [status for _, status in uids(calendar_of(mailoutbox[2]))] == ["CONFIRMED", "CANCELLED"]

    withdrawal.withdraw(course=course, by=acting(handler), reason="not_held")
    outbox.drain()
    last = calendar_of(mailoutbox[3])
    assert str(last["method"]) == "CANCEL" and uids(last) == [(uid, "CANCELLED")]
    assert row.user.email == mailoutbox[3].to[0]


@pytest.mark.parametrize("act", ["cancel", "decline"])
def test_who_loses_the_place_has_the_calendar_cleared(act: str, mailoutbox: list[Any]) -> None:
    handler = make_account()
    course = make_course(handler)
    row = enrol(course)
    acts: dict[str, Callable[[], object]] = {
        "cancel": lambda: enrolments.cancel(course=course, by=teacher(row.user)),
        "decline": lambda: admissions.decline(course=course, by=acting(handler), enrolment_ids=[row.pk]),
    }
    outbox.drain()
    acts[act]()
    outbox.drain()
    assert str(calendar_of(mailoutbox[1])["method"]) == "CANCEL"


def test_nobody_who_waits_gets_a_calendar_of_a_change(mailoutbox: list[Any]) -> None:
    course = make_course(make_account(), admission="review")
    enrol(course)
    course = Course.objects.get(pk=course.pk)
    changed(course, [session(course, 1)])
    outbox.drain()
    assert [bool(mail.attachments) for mail in mailoutbox] == [False, False]
    assert Enrolment.objects.get().state == "applied" and clock.now()
