"""People under review or waiting when a course is closed: listed before, notified and recorded after, and not declined."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent
from courses.actions import admissions, transfers
from courses.enums import DeclineCause, EnrolmentState
from courses.models import Course, Enrolment, TransferRequest
from hours.actions.closing import close_course
from hours.models import Sheet, WalkIn
from kit import clock
from notices.models import Notice
from tests.factories import acting, close, make_account, make_course, make_enrolment

pytestmark = pytest.mark.django_db
S = EnrolmentState
UNDECIDED = [S.APPLIED, S.WAITLISTED]


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("state", UNDECIDED)
def test_the_closing_page_and_its_question_name_the_undecided_and_say_what_happens(state: S) -> None:
    course = make_course(ago=2)
    row = make_enrolment(course, state=state)
    client, page = client_of(course.handler.user), reverse("hours:close", args=[course.code])
    opened = client.get(page).content.decode()
    assert row.user.name in opened and "尚未決定的報名" in opened and "不計為未參與" in opened
    key = opened.split('name="request_key" value="')[1].split('"')[0]
    asked = client.post(page, {"request_key": key, "action": "confirm"}).content.decode()
    assert row.user.name in asked and "將通知課程已結束" in asked


def test_nobody_undecided_nothing_said() -> None:
    course = make_course(ago=2)
    make_enrolment(course)
    page = client_of(course.handler.user).get(reverse("hours:close", args=[course.code])).content.decode()
    assert "尚未決定的報名" not in page


@pytest.mark.parametrize("state", UNDECIDED)
def test_each_of_them_is_notified_and_recorded_and_nobody_declined_them(state: S) -> None:
    course = make_course(ago=2)
    row = make_enrolment(course, state=state)
    close(course)
    row.refresh_from_db()
    assert (row.state, row.cause) == (S.DECLINED, DeclineCause.COURSE_OVER) and row.decided_at
    notice = Notice.objects.get(recipient=row.user)
    assert notice.kind == "course_over" and "已結束" in notice.subject and "未錄取" not in notice.body
    event = AuditEvent.objects.get(action="enrolment.course_over")
    assert (event.object_id, event.before, event.after["state"]) == (
        str(row.pk),
        {"state": state},
        "declined",
    )
    assert list(event.subjects.values_list("person_id", flat=True)) == [row.user_id]


def test_the_own_page_says_that_the_course_is_over_and_not_that_the_organiser_declined() -> None:
    course = make_course(ago=2)
    row = make_enrolment(course, state=S.WAITLISTED)
    close(course)
    page = client_of(row.user).get(reverse("courses:public", args=[course.code])).content.decode()
    assert "課程已結束，您的報名於課程結束前尚未決定" in page and "未錄取（課程已結束）" in page
    assert "主辦單位未錄取" not in page


def test_a_person_whom_the_organiser_declined_is_not_notified_again_at_closing() -> None:
    handler = make_account()
    course = make_course(handler, ago=2)
    row = make_enrolment(course, state=S.APPLIED)
    admissions.decline(course=course, by=acting(handler), enrolment_ids=[row.pk])
    close(course)
    row.refresh_from_db()
    assert row.cause == "" and list(Notice.objects.values_list("kind", flat=True)) == ["declined"]


def test_a_person_undecided_who_came_is_added_and_gets_hours() -> None:
    course = make_course(ago=2)
    row = make_enrolment(course, state=S.APPLIED)
    sheet = Sheet("key", {}, walk_ins=[WalkIn.of(row.user_id, course.hours)])
    close_course(course=course, by=acting(course.handler), sheet=sheet)
    row.refresh_from_db()
    assert (row.state, row.cause) == (S.ATTENDED, "")
    assert list(Notice.objects.filter(recipient=row.user).values_list("kind", flat=True)) == ["hours_issued"]


def test_the_database_keeps_a_cause_for_refusals_only() -> None:
    row = make_enrolment(make_course())
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrolment.objects.filter(pk=row.pk).update(cause=DeclineCause.COURSE_OVER)


def test_the_upgrade_names_the_cause_of_earlier_closings_and_ends_their_requests() -> None:
    closed, running = make_course(ago=2), make_course(ago=2)
    rows = [make_enrolment(course, state=S.APPLIED) for course in (closed, closed, running)]
    admissions.decline(course=closed, by=acting(closed.handler), enrolment_ids=[rows[1].pk])
    close(closed)
    Enrolment.objects.update(cause="")
    asked = [
        transfers.request(by=acting(make_account(course.unit)), courses=[course], reason="接辦")[0]
        for course in (make_course(ago=2), running)
    ]
    withdrawn = {
        "withdrawn_by": closed.handler.user,
        "withdrawn_at": clock.now(),
        "withdrawal_reason": "not_held",
    }
    Course.objects.filter(pk=asked[0].course_id).update(state="withdrawn", **withdrawn)
    upgrade = import_module("courses.migrations.0012_requests_and_refusals_of_ended_courses")
    upgrade.name_the_cause(apps, None)
    upgrade.end_pending_transfers(apps, None)
    assert [Enrolment.objects.get(pk=row.pk).cause for row in rows] == ["course_over", "", ""]
    assert [TransferRequest.objects.get(pk=row.pk).state for row in asked] == ["ended", "pending"]
