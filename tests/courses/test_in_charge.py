"""Who is in charge of a course today, and therefore gets its notices: the handler, else the unit's leads, else no one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from accounts.actions import appointments
from accounts.models import BusinessAccount, User
from audit.models import AuditEvent
from courses.actions import lights, reminders, transfer_decisions, transfers, withdrawal
from courses.enums import TransferState
from courses.errors import NothingToClose, NotTransferable
from courses.models import Course
from courses.queries import in_charge
from hours.actions import objections
from jobs import runner
from jobs.models import Job
from kit import clock
from notices import outbox
from notices.models import Notice
from tests.factories import (
    acting,
    close,
    make_account,
    make_course,
    make_enrolment,
    make_lead,
    make_operator,
    make_unit,
    overdue_courses,
    teacher,
)

pytestmark = pytest.mark.django_db


def end_yesterday(account: BusinessAccount) -> None:
    BusinessAccount.objects.filter(pk=account.pk).update(valid_until=clock.today() - timedelta(days=1))


def suspend(account: BusinessAccount) -> None:
    BusinessAccount.objects.filter(pk=account.pk).update(suspended_at=clock.now())


def shut_out(account: BusinessAccount) -> None:
    User.objects.filter(pk=account.user_id).update(is_active=False)


def begin_tomorrow(account: BusinessAccount) -> None:
    BusinessAccount.objects.filter(pk=account.pk).update(valid_from=clock.today() + timedelta(days=1))


WAYS_TO_LEAVE = [end_yesterday, suspend, shut_out, begin_tomorrow]
Leaving = Callable[[BusinessAccount], None]


def told(kind: str) -> set[int | None]:
    return set(Notice.objects.filter(kind=kind).values_list("recipient_id", flat=True))


def test_the_handler_in_force_is_in_charge_and_not_the_lead() -> None:
    handler = make_account()
    make_lead(handler.unit)
    found = in_charge.of_course(make_course(handler))
    assert found.people == [handler.user] and found.has_handler and not found.is_nobody


@pytest.mark.parametrize("leave", WAYS_TO_LEAVE)
def test_the_leads_in_force_are_in_charge_when_the_handler_has_left(leave: Leaving) -> None:
    handler = make_account()
    course, leads = make_course(handler), [make_lead(handler.unit), make_lead(handler.unit)]
    for account in (handler, leads[1]):
        leave(account)
    course = Course.objects.select_related("handler__user").get(pk=course.pk)
    found = in_charge.of_course(course)
    assert found.people == [leads[0].user] and not found.has_handler
    assert in_charge.handler_has_left(course)


@pytest.mark.parametrize("leave", WAYS_TO_LEAVE)
def test_nobody_is_in_charge_of_a_unit_without_anybody(leave: Leaving) -> None:
    handler = make_account()
    course = make_course(handler)
    leave(handler)
    assert in_charge.of_course(Course.objects.get(pk=course.pk)).is_nobody


def test_it_takes_one_query_for_any_number_of_courses(django_assert_num_queries: Any) -> None:
    for _ in range(3):
        make_course()
        end_yesterday(make_course().handler)
    courses = list(Course.objects.select_related("handler__user"))
    with django_assert_num_queries(1):
        assert len(in_charge.of_courses(courses)) == 6


@pytest.mark.parametrize("leave", WAYS_TO_LEAVE)
def test_an_objection_reaches_the_leads_when_the_handler_has_left(leave: Leaving) -> None:
    handler = make_account()
    lead, course = make_lead(handler.unit), make_course(handler, ago=2)
    row = make_enrolment(course)
    close(course)
    leave(handler)
    objections.object_to(course=Course.objects.get(pk=course.pk), by=teacher(row.user), text="簽到表有我")
    assert told("objection_raised") == {lead.user_id}


def test_an_objection_after_a_transfer_reaches_the_successor() -> None:
    handler = make_account()
    successor, course = make_account(handler.unit), make_course(handler, ago=2)
    row = make_enrolment(course)
    transfer_decisions.move_all(
        from_account=handler,
        to_account=successor,
        courses=[course],
        by=acting(make_operator()),
        reason="調校",
    )
    course.refresh_from_db()
    close(course)
    objections.object_to(course=course, by=teacher(row.user), text="簽到表有我")
    assert told("objection_raised") == {successor.user_id}


def test_a_second_course_of_the_day_is_reminded_of_and_names_itself_only() -> None:
    handler = make_account()
    lead, one, two = make_lead(handler.unit), make_course(handler, ago=3), make_course(handler, ago=2)
    said = [
        reminders.notify_handlers(by=acting(lead), course_ids=ids)
        for ids in ([one.pk], [one.pk, two.pk], [two.pk])
    ]
    bodies = list(Notice.objects.filter(kind="please_close").order_by("id").values_list("body", flat=True))
    assert len(bodies) == 2 and one.code in bodies[0] and two.code in bodies[1] and one.code not in bodies[1]
    assert [(t.courses, t.people, t.told) for t in said] == [(1, 1, 1), (2, 1, 1), (1, 1, 0)]
    assert AuditEvent.objects.filter(action="course.notify").count() == 2


def test_what_was_reminded_of_today_is_not_stamped_again_and_tomorrow_it_is() -> None:
    handler = make_account()
    lead, course = make_lead(handler.unit), make_course(handler, ago=3)
    reminders.notify_handlers(by=acting(lead), course_ids=[course.pk])
    Course.objects.filter(pk=course.pk).update(notified_at=None)
    reminders.notify_handlers(by=acting(lead), course_ids=[course.pk])
    assert Course.objects.get(pk=course.pk).notified_at is None
    tomorrow = clock.now() + timedelta(days=1)
    reminders.notify_handlers(by=acting(lead), course_ids=[course.pk], at=tomorrow)
    assert Course.objects.get(pk=course.pk).notified_at == tomorrow


def test_a_unit_without_anybody_is_named_with_its_telephone_and_nothing_is_stamped() -> None:
    handler = make_account(make_unit(phone="08-8642009"))
    overdue_courses(handler, 2)
    end_yesterday(handler)
    operator = make_operator()
    client = Client()
    client.force_login(operator.user)
    page = client.post(reverse("courses:chase"), {"unit": handler.unit_id}, follow=True).content.decode()
    assert handler.unit.name in page and "08-8642009" in page and "請改以電話聯絡" in page
    assert not Notice.objects.filter(kind="please_close").exists()
    assert not Course.objects.exclude(notified_at=None).exists()
    assert not AuditEvent.objects.filter(action="course.notify").exists()


def test_a_course_that_has_not_begun_cannot_be_reminded_of_by_posting_it() -> None:
    handler = make_account()
    lead, ahead, over = make_lead(handler.unit), make_course(handler), make_course(handler, ago=2)
    with pytest.raises(NothingToClose, match=ahead.code):
        reminders.notify_handlers(by=acting(lead), course_ids=[ahead.pk, over.pk])
    assert not Notice.objects.exists()
    with pytest.raises(NothingToClose):
        reminders.notify_handlers(by=acting(lead), course_ids=[make_course(handler, state="draft").pk])


def test_what_was_closed_meanwhile_is_left_out_of_a_reminder() -> None:
    handler = make_account()
    lead, closed, over = make_lead(handler.unit), make_course(handler, ago=4), make_course(handler, ago=2)
    close(closed)
    reminders.notify_handlers(by=acting(lead), course_ids=[closed.pk, over.pk])
    assert Notice.objects.get(kind="please_close").refs == [f"course:{over.pk}"]


def reminder_of(number: int) -> tuple[list[Course], Notice]:
    handler = make_account()
    courses = [make_course(handler, ago=2 + n) for n in range(number)]
    reminders.notify_handlers(by=acting(make_lead(handler.unit)), course_ids=[c.pk for c in courses])
    return courses, Notice.objects.get(kind="please_close")


def test_a_reminder_that_waited_until_its_course_was_closed_is_not_sent(mailoutbox: Any) -> None:
    [course], notice = reminder_of(1)
    close(course)
    Notice.objects.exclude(pk=notice.pk).update(by_mail=False)
    assert outbox.drain_all() == {"sent": 0, "failed": 0} and not mailoutbox


def test_a_reminder_that_waited_until_its_course_was_withdrawn_is_not_sent(mailoutbox: Any) -> None:
    [course], _notice = reminder_of(1)
    withdrawal.withdraw(course=course, by=acting(course.handler), reason="not_held")
    assert outbox.drain_all()["sent"] == 0


def test_a_reminder_that_waited_names_only_what_is_still_open(mailoutbox: Any) -> None:
    courses, notice = reminder_of(2)
    close(courses[0])
    Notice.objects.exclude(pk=notice.pk).update(by_mail=False)
    assert outbox.drain_all()["sent"] == 1
    assert courses[1].code in mailoutbox[0].body and courses[0].code not in mailoutbox[0].body


def test_a_chase_that_goes_on_after_a_crash_counts_everybody_it_notified(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handlers = [make_account() for _ in range(25)]
    for handler in handlers:
        make_course(handler, ago=50)
    end_yesterday(handlers[0])
    lights.refresh()
    job = reminders.chase_in_background(by=acting(make_operator()), unit_ids=[h.unit_id for h in handlers])
    chase, calls = reminders.chase, []

    def dies_in_the_second_piece(**facts: Any) -> reminders.ReminderResult:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return chase(**facts)

    monkeypatch.setattr(reminders, "chase", dies_in_the_second_piece)
    with pytest.raises(KeyboardInterrupt):
        runner.run(job.pk)
    monkeypatch.setattr(reminders, "chase", chase)
    Job.objects.filter(pk=job.pk).update(state="waiting")
    runner.run(job.pk)
    job.refresh_from_db()
    assert (job.outcome["courses"], job.outcome["told"]) == (25, 24)
    assert len(job.outcome["untold"]) == 1 and handlers[0].unit.name in job.message


def test_courses_offered_to_a_colleague_are_notified_to_the_colleague_as_is_their_end() -> None:
    handler = make_account()
    colleague, course = make_account(handler.unit), make_course(handler)
    [row] = transfers.offer(by=acting(handler), courses=[course], to_account=colleague, reason="調校")
    assert told("transfer_offered") == {colleague.user_id}
    transfers.withdraw(transfer=row, by=acting(handler))
    assert told("transfer_ended") == {colleague.user_id}


def test_those_in_charge_are_notified_that_a_colleague_requests_their_course() -> None:
    handler, gone = make_account(), make_account()
    lead, asker = make_lead(gone.unit), make_account(gone.unit)
    end_yesterday(gone)
    transfers.request(by=acting(asker), courses=[make_course(gone)], reason="接辦")
    assert told("transfer_requested") == {lead.user_id}
    colleague = make_account(handler.unit)
    transfers.request(by=acting(colleague), courses=[make_course(handler)], reason="接辦")
    assert told("transfer_requested") == {lead.user_id, handler.user_id}


@pytest.mark.parametrize("how", ["closed", "withdrawn"])
def test_a_pending_transfer_ends_with_its_course_and_the_requester_is_notified(how: str) -> None:
    handler = make_account()
    asker, course = make_account(handler.unit), make_course(handler, ago=2)
    [row] = transfers.request(by=acting(asker), courses=[course], reason="接辦")
    if how == "closed":
        close(course)
    else:
        withdrawal.withdraw(course=course, by=acting(handler), reason="not_held")
    row.refresh_from_db()
    assert row.state == TransferState.ENDED and row.decided_by_id == handler.user_id and row.decided_at
    assert told("transfer_ended") == {asker.user_id}
    event = AuditEvent.objects.get(action="transfer.end")
    assert list(event.subjects.values_list("person_id", flat=True)) == [asker.user_id]


def test_a_course_cannot_move_to_a_person_who_may_no_longer_log_in() -> None:
    handler = make_account()
    gone = make_account(handler.unit)
    shut_out(gone)
    gone = BusinessAccount.objects.get(pk=gone.pk)
    with pytest.raises(NotTransferable):
        transfers.offer(by=acting(handler), courses=[make_course(handler)], to_account=gone, reason="調校")


def test_the_list_of_the_unit_says_that_the_handler_has_left_also_when_shut_out() -> None:
    handler = make_account()
    lead = make_lead(handler.unit)
    make_course(handler, ago=2)
    shut_out(handler)
    client = Client()
    client.force_login(lead.user)
    with translation.override("zh-hant"):
        assert gettext("account ended") in client.get(reverse("courses:unit_courses")).content.decode()


def test_the_leads_are_notified_of_an_ended_account_once_each() -> None:
    lead = make_lead()
    account = make_account(lead.unit)
    appointments.end(account=account, by=acting(lead), confirmed=True, reason="離職")
    assert told("account_ended") == {account.user_id}


def public_page(course: Course) -> str:
    return str(Client().get(reverse("courses:public", args=[course.code])).content.decode())


def named_handler(**fields: str) -> tuple[BusinessAccount, Course]:
    handler = make_account(make_unit(phone="08-8642009"))
    own = {"contact_name": handler.user.name, "contact_phone": "08-1#2", "contact_mail": handler.user.email}
    return handler, make_course(handler, **{**own, **fields})


@pytest.mark.parametrize("leave", WAYS_TO_LEAVE)
def test_the_public_page_and_the_api_name_the_unit_when_the_contact_has_left(leave: Leaving) -> None:
    handler, course = named_handler()
    assert handler.user.email in public_page(course)
    leave(handler)
    page = public_page(course)
    assert handler.user.email not in page and handler.user.name not in page and "08-8642009" in page
    told = Client().get(reverse("api:course", args=[course.code])).json()
    assert (told["contact_name"], told["contact_phone"], told["contact_mail"]) == (
        handler.unit.name,
        "08-8642009",
        "",
    )


def test_an_office_that_is_the_contact_stays_when_the_handler_has_left() -> None:
    handler, course = named_handler(contact_name="研習中心", contact_mail="office@x.example")
    end_yesterday(handler)
    page = public_page(course)
    assert "office@x.example" in page and "研習中心" in page


def test_a_teachers_home_names_no_handler_who_has_left() -> None:
    handler, _course = named_handler()
    course = make_course(handler, ago=3, contact_name=handler.user.name, contact_mail=handler.user.email)
    row = make_enrolment(course)
    end_yesterday(handler)
    client = Client()
    client.force_login(row.user)
    page = client.get(reverse("hours:me")).content.decode()
    assert course.title in page and handler.user.email not in page and "08-8642009" in page


def test_an_objection_that_reaches_nobody_says_so_with_a_telephone() -> None:
    handler, _course = named_handler()
    course = make_course(handler, ago=3, contact_phone="")
    row = make_enrolment(course)
    end_yesterday(handler)
    client = Client()
    client.force_login(row.user)
    path = reverse("hours:object", args=[course.code])
    page = client.post(path, {"text": "簽到表有我"}, follow=True).content.decode()
    assert "目前無人可通知" in page and "08-8642009" in page
