"""Drafts of a handler who has left: a lead registers them in the own name, or they move to a colleague."""

from datetime import timedelta

import pytest

from accounts.models import BusinessAccount
from audit.models import AuditEvent
from courses.actions import registration, transfer_decisions, transfers
from courses.enums import CourseState
from courses.errors import NotTransferable, TransferPending
from courses.models import Course
from courses.queries.transfers import transferable_to, unclosed_of
from kit import clock
from tests.factories import acting, close, make_account, make_course, make_lead, make_operator

pytestmark = pytest.mark.django_db


def leave(account: BusinessAccount) -> None:
    gone = {"ended_at": clock.now(), "valid_until": clock.today() - timedelta(days=1)}
    BusinessAccount.objects.filter(pk=account.pk).update(**gone)


def test_a_lead_who_registers_the_draft_of_a_person_who_left_becomes_its_handler() -> None:
    handler = make_account()
    lead = make_lead(handler.unit)
    draft = make_course(
        handler, state="draft", contact_name=handler.user.name, contact_mail=handler.user.email
    )
    leave(handler)
    registration.register(course=draft, by=acting(lead))
    course = Course.objects.get(pk=draft.pk)
    assert (course.state, course.handler) == (CourseState.REGISTERED, lead)
    assert (course.contact_name, course.contact_mail) == (lead.user.name, lead.user.email)
    event = AuditEvent.objects.get(action="course.transfer")
    assert (event.before["handler"], event.after["handler"]) == (handler.number, lead.number)


def test_a_lead_who_registers_the_draft_of_a_colleague_in_office_does_not_take_it() -> None:
    handler = make_account()
    draft = make_course(handler, state="draft")
    registration.register(course=draft, by=acting(make_lead(handler.unit)))
    assert Course.objects.get(pk=draft.pk).handler == handler


def test_a_draft_is_requested_offered_and_moved_with_the_rest_of_an_account() -> None:
    handler, operator = make_account(), acting(make_operator())
    colleague = make_account(handler.unit)
    drafts = [make_course(handler, state="draft") for _ in range(3)]
    leave(handler)
    assert set(transferable_to(colleague)) == set(unclosed_of(handler)) == set(drafts)
    asked = transfers.request(by=acting(colleague), courses=drafts[:1], reason="接辦")
    offered = transfers.offer(
        by=acting(make_lead(handler.unit)), courses=drafts[1:2], to_account=colleague, reason="接辦"
    )
    transfer_decisions.approve(transfers=[*asked, *offered], by=operator)
    transfer_decisions.move_all(
        from_account=handler, to_account=colleague, courses=unclosed_of(handler), by=operator, reason="接辦"
    )
    assert {course.handler for course in Course.objects.all()} == {colleague}
    assert {course.state for course in Course.objects.all()} == {CourseState.DRAFT}


def test_drafts_of_a_colleague_in_office_are_not_listed() -> None:
    handler = make_account()
    make_course(handler, state="draft")
    assert not transferable_to(make_account(handler.unit)).exists()


def test_a_closed_course_stays_where_it_is() -> None:
    handler = make_account()
    course = make_course(handler, ago=2)
    close(course)
    with pytest.raises(NotTransferable):
        transfers.request(by=acting(make_account(handler.unit)), courses=[course], reason="接辦")


def test_a_draft_whose_transfer_waits_is_not_thrown_away() -> None:
    handler, operator = make_account(), acting(make_operator())
    colleague, draft = make_account(handler.unit), make_course(handler, state="draft")
    asked = transfers.request(by=acting(colleague), courses=[draft], reason="接辦")
    with pytest.raises(TransferPending):
        registration.discard_draft(course=draft, by=acting(handler))
    transfer_decisions.approve(transfers=asked, by=operator)
    registration.discard_draft(course=draft, by=acting(colleague))
    assert not Course.objects.exists()
