"""協辦: a second handler does everything but move the course and name handlers, and gets its notices."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.acting import Actor
from accounts.enums import Role
from accounts.models import BusinessAccount
from audit.models import AuditEvent
from courses.actions import (
    admissions,
    messages,
    participants,
    registration,
    second_handler,
    transfer_decisions,
    transfers,
    unit_life,
    withdrawal,
)
from courses.errors import NeedsBusinessAccount, NotASecondHandler, NotTheHandler, OnlyMainHandler, WrongState
from courses.models import Course
from courses.queries import in_charge
from hours.actions import attendance, objections, surveys
from kit import clock
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
    make_user,
    teacher,
)

pytestmark = pytest.mark.django_db


def shared(**fields: Any) -> tuple[Course, BusinessAccount]:
    """A course with a second handler."""
    course = make_course(**fields)
    second = make_account(course.unit)
    return second_handler.name(course=course, by=acting(course.handler), account=second), second


def again(course: Course) -> Course:
    return Course.objects.select_related("handler__user", "co_handler__user").get(pk=course.pk)


def end(account: BusinessAccount) -> None:
    BusinessAccount.objects.filter(pk=account.pk).update(valid_until=clock.today() - timedelta(days=1))


def test_the_one_named_and_the_one_replaced_are_notified_once_and_it_is_on_record() -> None:
    course, second = shared()
    second_handler.name(course=course, by=acting(course.handler), account=second)
    third = make_account(course.unit)
    second_handler.name(course=course, by=acting(course.handler), account=third)
    told = Notice.objects.filter(kind="second_handler").order_by("id").values_list("recipient_id", flat=True)
    assert sorted(told) == sorted([second.user_id, second.user_id, third.user_id])
    event = AuditEvent.objects.filter(action="course.second_handler").latest("id")
    assert (event.before, event.after) == (
        {"second_handler": second.number},
        {"second_handler": third.number},
    )
    assert AuditEvent.objects.filter(action="course.second_handler").count() == 2


def test_both_are_in_charge_until_the_account_of_one_ends() -> None:
    course, second = shared(ago=2)
    assert set(in_charge.of_course(again(course)).people) == {course.handler.user, second.user}
    end(course.handler)
    assert in_charge.of_course(again(course)).people == [second.user]
    assert not in_charge.handler_has_left(again(course))
    end(second)
    assert in_charge.of_course(again(course)).is_nobody


def test_both_get_the_notices_of_the_course() -> None:
    course, second = shared(ago=2)
    row = make_enrolment(course)
    close(again(course))
    objections.object_to(course=again(course), by=teacher(row.user), text="簽到表有我")
    told = Notice.objects.filter(kind="objection_raised").values_list("recipient_id", flat=True)
    assert set(told) == {course.handler.user_id, second.user_id}


def test_the_second_handler_manages_the_course_and_ends_with_the_account() -> None:
    course, second = shared()
    withdrawal.withdraw(course=course, by=acting(second), reason="not_held")
    other, ended = shared()
    end(ended)
    with pytest.raises(Exception, match="業務帳號|business account"):
        withdrawal.withdraw(course=other, by=acting(ended), reason="not_held")


ACTS: dict[str, Callable[[Course, Actor], object]] = {
    "message": lambda course, by: messages.send(
        course=course, by=by, to="admitted", subject="提醒", text="內文", form_key=uuid4()
    ),
    "add people": lambda course, by: participants.add(course=course, by=by, people=[make_user().pk]),
    "admit": lambda course, by: admissions.admit(course=course, by=by, enrolment_ids=[]),
    "questions": lambda course, by: surveys.save_questions(course=course, by=by, questions=[]),
    "sign": lambda course, by: attendance.sign_by_hand(session=course.sessions.get(), by=by, signs=[]),
    "kept signs": lambda course, by: attendance.sign_offline(session=course.sessions.get(), by=by, signs=[]),
    "withdraw": lambda course, by: withdrawal.withdraw(course=course, by=by, reason="not_held"),
    "copy": lambda course, by: registration.copy(course=course, by=by),
    "name": lambda course, by: second_handler.name(course=course, by=by, account=None),
}
PAGES = ("detail", "edit", "applicants", "participants", "messages", "files", "questions", "sign_in_sheets")


@pytest.mark.parametrize("name", ACTS)
def test_a_second_handler_whose_account_has_ended_does_nothing(name: str) -> None:
    course, second = shared(questionnaire="voluntary")
    make_enrolment(course)
    by = acting(second)
    end(second)
    with pytest.raises(NeedsBusinessAccount):
        ACTS[name](course, by)
    assert again(course).co_handler == second and not Notice.objects.exclude(kind="second_handler").exists()


def test_a_second_handler_whose_account_has_ended_sees_no_page_of_the_course() -> None:
    course, second = shared(title="只有承辦人看得到的課")
    make_enrolment(course, make_user("陳學員"))
    client, paths = Client(), [reverse(f"courses:{name}", args=[course.code]) for name in PAGES]
    paths += [reverse(f"hours:{name}", args=[course.code]) for name in ("attendance", "projector", "close")]
    client.force_login(second.user)
    assert client.get(paths[0]).status_code == 200
    end(second)
    for path in paths:
        page = client.get(path)
        assert page.status_code in (302, 403, 404) and "陳學員" not in page.content.decode(), path
    lead = Client()
    lead.force_login(make_lead(course.unit).user)
    assert "帳號已停用" in lead.get(paths[0]).content.decode()


def test_the_second_handler_neither_names_handlers_nor_moves_the_course() -> None:
    course, second = shared()
    third = make_account(course.unit)
    with pytest.raises(OnlyMainHandler):
        second_handler.name(course=course, by=acting(second), account=third)
    with pytest.raises(NotTheHandler):
        transfers.offer(by=acting(second), courses=[course], to_account=third, reason="調校")
    client = Client()
    client.force_login(second.user)
    client.post(reverse("courses:second_handler", args=[course.code]), {"account": third.pk})
    assert again(course).co_handler == second


def test_only_a_colleague_in_force_other_than_the_handler_is_named() -> None:
    course = make_course()
    by = acting(course.handler)
    own = make_account(course.unit, user=course.handler.user, role=Role.UNIT_LEAD)
    ended = make_account(course.unit)
    end(ended)
    roster = make_account(course.unit, role=Role.ROSTER)
    for account in (make_account(), own, course.handler, ended, roster):
        with pytest.raises(NotASecondHandler):
            second_handler.name(course=course, by=by, account=account)
    with pytest.raises(NotTheHandler):
        second_handler.name(course=course, by=acting(make_account(course.unit)), account=None)
    closed = make_course(course.handler, ago=3)
    close(closed)
    with pytest.raises(WrongState):
        second_handler.name(course=closed, by=by, account=make_account(course.unit))


def test_the_lead_names_one_by_the_page_and_ends_it() -> None:
    course = make_course()
    lead, second = make_lead(course.unit), make_account(course.unit)
    client = Client()
    client.force_login(lead.user)
    url = reverse("courses:second_handler", args=[course.code])
    assert second.number in client.get(url).content.decode()
    page = client.post(url, {"account": second.pk}, follow=True).content.decode()
    assert again(course).co_handler == second and second.user.name in page
    client.post(url, {"account": ""})
    assert again(course).co_handler is None
    shown = client.get(reverse("courses:detail", args=[course.code])).content.decode()
    record = " ".join(shown.partition('<ul class="timeline">')[2].partition("</ul>")[0].split())
    assert record.index("指定或解除協辦人員：（無）") < record.index(f"指定或解除協辦人員：{second.number}")
    page = client.post(url, {"account": make_account().pk}).content.decode()
    assert again(course).co_handler is None and "is-invalid" in page


def test_a_second_handler_to_whom_the_course_moves_is_its_handler_alone() -> None:
    course, second = shared()
    transfer_decisions.move_courses(pairs=[(course, second)], by=acting(make_operator()), reason="公文")
    course = again(course)
    assert course.handler == second and course.co_handler is None
    draft, heir = shared(state="draft")
    end(draft.handler)
    registration.register(course=draft, by=acting(heir))
    draft = again(draft)
    assert draft.handler == heir and draft.co_handler is None


def test_a_course_that_moves_to_another_unit_leaves_its_second_handler() -> None:
    course, _second = shared()
    to = make_account(make_unit())
    unit_life._hand_over(again(course), to, acting(make_operator()), "整併")
    assert again(course).co_handler is None


def test_the_courses_of_a_second_handler_are_on_the_own_desk() -> None:
    course, second = shared(ago=2)
    client = Client()
    client.force_login(second.user)
    assert [row.course for row in client.get(reverse("courses:unit_home")).context["mine"]] == [course]
