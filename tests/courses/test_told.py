"""Every event of a person is a notice each time; only reminders are limited by the day."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from accounts.actions import appointments, inactive_accounts
from audit.models import AuditEvent
from courses.actions import admissions, enrolments, withdrawal
from courses.enums import EnrolmentState
from hours.actions import corrections
from kit import clock
from notices import outbox
from notices.models import Notice
from tests.factories import (
    acting,
    close,
    enrol,
    make_account,
    make_course,
    make_enrolment,
    make_lead,
    make_user,
    teacher,
)

pytestmark = pytest.mark.django_db
S = EnrolmentState


def kinds_told(user_id: int) -> list[str]:
    return list(Notice.objects.for_person(user_id).order_by("id").values_list("kind", flat=True))


def test_admit_decline_admit_on_one_day_are_three_notices() -> None:
    handler = make_account()
    course = make_course(handler, admission="review")
    row = enrol(course)
    for decide in (admissions.admit, admissions.decline, admissions.admit):
        decide(course=course, by=acting(handler), enrolment_ids=[row.pk])
    assert kinds_told(row.user_id) == ["enrolled", "admitted", "declined", "admitted"]


def test_a_person_who_moves_up_twice_on_one_day_is_notified_and_recorded_twice() -> None:
    course = make_course(capacity=1)
    first, second = make_enrolment(course), enrol(course)
    enrolments.cancel(course=course, by=teacher(first.user))
    enrolments.cancel(course=course, by=teacher(second.user))
    enrol(course, first.user)
    again = enrol(course, second.user)
    enrolments.cancel(course=course, by=teacher(first.user))
    again.refresh_from_db()
    told = ["enrolled", "admitted", "enrolment_cancelled", "enrolled", "admitted"]
    assert again.state == S.ADMITTED and kinds_told(second.user_id) == told
    moved = AuditEvent.objects.filter(action="enrolment.admitted", object_id=str(again.pk))
    assert moved.count() == 2 and {event.actor_label for event in moved} == {"system"}


def test_two_corrections_of_the_state_on_one_day_are_both_notified_and_name_the_state() -> None:
    handler = make_account()
    course = make_course(handler, ago=2)
    row = make_enrolment(course)
    close(course, absent=(row,))
    for state in (S.EXCUSED, S.ABSENT):
        corrections.correct(enrolment=row, by=acting(handler), state=state, hours=Decimal(0), reason="簽到表")
    said = list(Notice.objects.filter(kind="hours_corrected").order_by("id").values_list("body", flat=True))
    assert len(said) == 2
    for text, state in zip(said, (S.EXCUSED, S.ABSENT), strict=True):
        with translation.override("zh-hant"):
            assert str(state.label) in text and "時數疑義" in text


def test_a_notice_has_an_event_or_a_day_and_not_both() -> None:
    user = make_user()
    for wrong in ({}, {"event": 1, "day": clock.today()}):
        with pytest.raises(ValueError):
            outbox.NewNotice(kind="light_green", to=user, about="unit:1", **wrong)  # type: ignore[arg-type]


def test_two_events_are_two_notices_and_one_event_is_one() -> None:
    user = make_user()

    def told(**identity: object) -> int:
        facts = {"unit": "u", "year": 115}
        return outbox.write([outbox.NewNotice("light_green", user, "light:1", context=facts, **identity)])  # type: ignore[arg-type]

    assert [told(event=1), told(event=2), told(event=2)] == [1, 1, 0]
    assert [told(day=clock.today()), told(day=clock.today())] == [1, 0]
    assert told(day=clock.today() + timedelta(days=1)) == 1


def test_the_keys_of_reminders_are_those_of_earlier_releases() -> None:
    notice = outbox.NewNotice("review_due", make_user(), "review:5", date(2026, 8, 1))
    assert notice.key == f"review_due:{notice.to.pk}:review:5:2026-08-01"


def test_the_reason_of_the_nightly_job_is_in_the_readers_language() -> None:
    chinese = make_account(valid_from=clock.today() - timedelta(days=200))
    english = make_account(user=make_user(language="en"), valid_from=clock.today() - timedelta(days=200))
    inactive_accounts.suspend_and_end()
    bodies = {n.recipient_id: n.body for n in Notice.objects.filter(kind="account_suspended")}
    assert "天未登入" in bodies[chinese.user_id] and "no log-in" not in bodies[chinese.user_id]
    assert "no log-in for 180 days" in bodies[english.user_id]


def test_words_of_a_notice_are_in_the_readers_language_and_not_in_that_of_the_act() -> None:
    handler = make_account()
    course = make_course(handler)
    row = make_enrolment(course)
    with translation.override("en"):
        withdrawal.withdraw(course=course, by=acting(handler), reason="not_held", text="講師請假")
    body = Notice.objects.get(kind="course_withdrawn", recipient=row.user).body
    assert "the course was not held" not in body and "講師請假" in body
    assert clock.to_roc(course.starts_on or date.min) in body


def test_a_suspension_and_a_second_one_on_the_same_day_are_distinguished() -> None:
    lead = make_lead()
    account = make_account(lead.unit)
    for _ in range(2):
        appointments.suspend(account=account, by=acting(lead), reason="請假")
        appointments.resume(account=account, by=acting(lead), reason="返校")
    assert sorted(kinds_told(account.user_id)) == ["account_resumed"] * 2 + ["account_suspended"] * 2
