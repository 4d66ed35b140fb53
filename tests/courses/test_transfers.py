"""課程移轉 and 通知: courses move between personal accounts; handlers get a reminder once a day."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from accounts.actions import appointments
from accounts.models import BusinessAccount
from courses.actions import policies, reminders, transfer_decisions, transfers
from courses.errors import (
    NotTransferable,
    OnlyOperator,
    OnlyOversight,
    PolicyChanged,
    PolicyOutOfBounds,
    ReasonMissing,
    TransferDecided,
    TransferPending,
)
from courses.imports.transfer_table import read_pasted
from courses.models import Course, TransferRequest
from courses.queries.transfers import flags
from courses.rules import may_manage
from kit import clock
from notices import outbox
from notices.models import Notice
from tests.factories import (
    acting,
    make_account,
    make_county,
    make_course,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    make_user,
    overdue_courses,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Any:
    """A former handler, a new one at the same unit, an operator, and a course."""
    unit = make_unit()
    former = make_account(unit, valid_until=clock.today() - timedelta(days=1))
    new, operator = make_account(unit), make_operator()
    return type(
        "Case",
        (),
        {
            "unit": unit,
            "former": former,
            "new": new,
            "operator": operator,
            "course": make_course(former, ago=9),
        },
    )


def ask(case: Any) -> TransferRequest:
    return transfers.request(by=acting(case.new), courses=[case.course], reason="接辦")[0]


def test_a_request_carries_the_four_items_of_the_letter(case: Any) -> None:
    row = ask(case)
    assert (row.stated_code, row.stated_title) == (case.course.code, case.course.title)
    assert (row.stated_name, row.stated_account) == (case.new.user.name, case.new.number)
    assert flags(row) == []


def test_what_does_not_match_is_flagged(case: Any) -> None:
    row = ask(case)
    row.stated_code, row.stated_name = "1", "別人"
    assert len(flags(row)) == 2


def test_approval_moves_the_course_and_the_old_handler_loses_it_at_once(case: Any) -> None:
    transfer_decisions.approve(transfers=[ask(case)], by=acting(case.operator))
    course = Course.objects.get(pk=case.course.pk)
    assert course.handler == case.new and may_manage(acting(case.new), course)
    assert not may_manage(acting(case.former), course)
    told = set(Notice.objects.filter(kind="transfer_approved").values_list("recipient_id", flat=True))
    assert told == {case.new.user_id, case.former.user_id}


def test_approving_twice_is_refused_the_second_time(case: Any) -> None:
    row = ask(case)
    transfer_decisions.approve(transfers=[row], by=acting(case.operator))
    with pytest.raises(TransferDecided):
        transfer_decisions.approve(transfers=[row], by=acting(case.operator))


def test_a_refusal_needs_a_reason_which_the_asker_reads(case: Any) -> None:
    row = ask(case)
    with pytest.raises(ReasonMissing):
        transfer_decisions.refuse(transfers=[row], by=acting(case.operator), reason=" ")
    transfer_decisions.refuse(transfers=[row], by=acting(case.operator), reason="帳號不符")
    assert "帳號不符" in Notice.objects.get(kind="transfer_refused", recipient=case.new.user).body


def test_one_pending_request_a_course(case: Any) -> None:
    ask(case)
    with pytest.raises(TransferPending):
        ask(case)


def test_accounts_of_another_unit_or_ended_ones_get_nothing(case: Any) -> None:
    ended = make_account(case.unit, valid_until=clock.today() - timedelta(days=1))
    for account in (make_account(), ended):
        with pytest.raises(NotTransferable):
            transfer_decisions.move_courses(
                pairs=[(case.course, account)], by=acting(case.operator), reason="x"
            )


def test_only_the_operator_decides(case: Any) -> None:
    row = ask(case)
    for actor in (acting(case.new), acting(make_lead(case.unit)), acting(make_officer())):
        with pytest.raises(OnlyOperator):
            transfer_decisions.approve(transfers=[row], by=actor)


def test_all_unclosed_courses_of_an_account_move_or_none(case: Any) -> None:
    make_course(case.former)
    closed = make_course(case.former, ago=3, state="closed", closed_at=clock.now())
    moved = transfer_decisions.move_all(
        from_account=case.former,
        to_account=case.new,
        courses=Course.objects.all(),
        by=acting(case.operator),
        reason="離職",
    )
    assert len(moved) == 2
    closed.refresh_from_db()
    assert closed.handler == case.former


def test_what_an_account_registers_after_the_preview_is_not_moved(case: Any) -> None:
    shown, registered_since = [case.course], make_course(case.former)
    facts = {
        "from_account": case.former,
        "to_account": case.new,
        "by": acting(case.operator),
        "reason": "離職",
    }
    moved = transfer_decisions.move_all(courses=shown, **facts)
    assert [row.course for row in moved] == shown
    registered_since.refresh_from_db()
    assert registered_since.handler == case.former


def test_a_pasted_table_says_row_by_row_what_would_happen(case: Any) -> None:
    c, n = case.course, case.new
    text = f"課程代碼\t名稱\t姓名\t帳號\n{c.code}\t{c.title}\t{n.user.name}\t{n.number}\n9999999\t無\t無\t無\n{c.code},{c.title}\n"
    rows = read_pasted(text)
    assert [row.ok for row in rows] == [True, False, False]
    assert [row.line for row in rows] == [2, 3, 4]


def test_handlers_are_reminded_once_a_day_and_who_reminded_them_is_shown(case: Any) -> None:
    course = make_course(case.new, ago=9)
    first = reminders.notify_handlers(by=acting(case.new), course_ids=[course.pk])
    again = reminders.notify_handlers(by=acting(case.new), course_ids=[course.pk])
    assert (first.told, again.told, again.people) == (1, 0, 1)
    course.refresh_from_db()
    assert course.notified_by == case.new.user.name and course.notified_at
    tomorrow = clock.now() + timedelta(days=1)
    assert reminders.notify_handlers(by=acting(case.new), course_ids=[course.pk], at=tomorrow).told == 1


def test_a_course_of_a_person_who_left_reaches_the_lead(case: Any) -> None:
    lead = make_lead(case.unit)
    reminders.notify_handlers(by=acting(case.new), course_ids=[case.course.pk])
    assert list(Notice.objects.values_list("recipient_id", flat=True)) == [lead.user_id]


def test_another_units_courses_are_left_out_of_a_notification(case: Any) -> None:
    foreign = make_course(ago=9)
    assert reminders.notify_handlers(by=acting(case.new), course_ids=[foreign.pk]).courses == 0


def test_a_county_officer_chases_the_own_county_only() -> None:
    here, there = make_account(), make_account(make_unit(county=make_county("高雄市")))
    for account in (here, there):
        overdue_courses(account, 2)
    told = reminders.chase(by=acting(make_officer()), unit_ids=[here.unit_id, there.unit_id])
    assert (told.courses, told.told) == (2, 1)
    with pytest.raises(OnlyOversight):
        reminders.chase(by=acting(here), unit_ids=[here.unit_id])


def test_chasing_twenty_units_needs_as_many_queries_as_one(django_assert_max_num_queries: Any) -> None:
    officer = acting(make_officer())
    accounts = [make_account() for _ in range(20)]
    for account in accounts:
        overdue_courses(account, 1)
    for chosen in (accounts[:1], accounts[1:]):
        # Twelve, and the locks of account and courses, which are statements of their own on PostgreSQL.
        with django_assert_max_num_queries(14):
            reminders.chase(by=officer, unit_ids=[a.unit_id for a in chosen])


def test_two_operators_editing_one_policy_do_not_overwrite_each_other() -> None:
    operator = acting(make_operator())
    policies.change(year=115, by=operator, values={"closing_days": 20}, reason="一", version=0)
    with pytest.raises(PolicyChanged):
        policies.change(year=115, by=operator, values={"closing_days": 10}, reason="二", version=0)


def test_a_policy_whose_red_lies_below_yellow_is_refused() -> None:
    with pytest.raises(PolicyOutOfBounds):
        policies.change(
            year=115, by=acting(make_operator()), values={"unit_red_at": 1}, reason="x", version=0
        )


def test_a_business_account_never_changes_its_person_unit_or_number() -> None:
    account, other = make_account(), make_user()
    found = BusinessAccount.objects.get(pk=account.pk)
    found.user = other
    with pytest.raises(ValidationError):
        found.save()
    for change in ({"user": other}, {"unit": make_unit()}, {"number": "000000-001"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            BusinessAccount.objects.filter(pk=account.pk).update(**change)


def test_units_that_share_a_code_share_the_numbers() -> None:
    high = make_unit("011301", level="senior_high")
    attached = make_unit("011301", level="attached_elementary")
    made = [
        appointments.appoint(user=make_user(), unit=unit, role="handler", by=None).number
        for unit in (high, attached)
    ]
    assert made == ["011301-001", "011301-002"]
    with pytest.raises(IntegrityError), transaction.atomic():
        make_unit("011301", level="senior_high")


def test_an_ended_account_leaves_its_courses_and_cannot_be_ended_twice() -> None:
    account, operator = make_account(), acting(make_operator())
    course = make_course(account)
    appointments.end(account=account, by=operator, confirmed=True, reason="離職")
    assert not may_manage(acting(account), course) or not acting(account).account.is_active()  # type: ignore[union-attr]
    with pytest.raises(appointments.AlreadyEnded):
        appointments.end(account=account, by=operator, confirmed=True)
    with pytest.raises(appointments.MayNotAppoint):
        appointments.end(account=make_account(), by=acting(make_account()), confirmed=True)


def test_a_broken_mail_stops_no_other_and_is_tried_for_days(
    mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = make_account()
    notices = [
        outbox.NewNotice(
            "light_green", make_user(email=f"{n}@x.example"), n, clock.today(), context={"unit": n}
        )
        for n in "ab"
    ]
    assert outbox.write(notices) == 2 and outbox.write(notices) == 0
    send = outbox._mail

    def broken(notice: Notice, person: Any, connection: Any) -> Any:
        if notice.recipient.email.startswith("a"):
            raise OSError("no such mailbox")
        return send(notice, person, connection)

    monkeypatch.setattr(outbox, "_mail", broken)
    assert outbox.drain() == {"sent": 1, "failed": 1}
    assert outbox.drain() == {"sent": 0, "failed": 0}, "a mail that failed waits before its next attempt"
    for hours in range(1, 60):
        with time_machine.travel(clock.now() + timedelta(hours=2 * hours), tick=False):
            outbox.drain()
    assert Notice.objects.get(recipient__email="a@x.example") in Notice.objects.given_up()
    assert [mail.to for mail in mailoutbox] == [["b@x.example"]] and handler.pk
