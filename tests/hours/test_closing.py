"""核發時數 → 結案: one transaction, once, everything or nothing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from audit.models import AuditEvent
from checks.invariants import RULES
from courses.actions import withdrawal
from courses.enums import EnrolmentState as S
from courses.errors import HoursIssued, NotTheHandler, ReasonMissing
from courses.models import Enrolment
from courses.queries.lights import light_of
from hours.actions import corrections, objections
from hours.actions.closing import close_course
from hours.errors import (
    AlreadyClosed,
    BadHours,
    ListChanged,
    NotClosedYet,
    NothingToCorrect,
    NotOverYet,
    ObjectionOpen,
)
from hours.errors import ReasonMissing as CorrectionReasonMissing
from hours.models import Closing, HourCredit, Mark, Sheet, WalkIn
from hours.queries import teacher as mine
from kit import clock
from notices.models import Notice
from tests.factories import (
    acting,
    close,
    make_account,
    make_course,
    make_enrolment,
    make_lead,
    make_user,
    overdue_courses,
    teacher,
)

pytestmark = pytest.mark.django_db
FULL = Mark.of(S.ATTENDED, Decimal("3"))


def sheet(marks: dict[int, Mark], key: str = "key", walk_ins: Any = ()) -> Sheet:
    return Sheet(key, marks, walk_ins)


def test_closing_writes_attendance_ledger_state_record_and_notices() -> None:
    course = make_course(ago=2)
    here, gone, ill = (make_enrolment(course) for _ in range(3))
    marks = {here.pk: FULL, gone.pk: Mark(S.ABSENT), ill.pk: Mark(S.EXCUSED)}
    closing = close_course(course=course, by=acting(course.handler), sheet=sheet(marks))
    assert (closing.attended, closing.absent, closing.excused, closing.hours_total) == (1, 1, 1, 3)
    assert list(HourCredit.objects.values_list("user_id", "hours", "kind")) == [(here.user_id, 3, "issued")]
    states = dict(Enrolment.objects.values_list("pk", "state"))
    assert states == {here.pk: S.ATTENDED, gone.pk: S.ABSENT, ill.pk: S.EXCUSED}
    assert AuditEvent.objects.filter(action="course.close", object_id=str(course.pk)).count() == 1
    assert set(Notice.objects.values_list("kind", flat=True)) == {
        "hours_issued",
        "closed_absent",
        "closed_excused",
    }
    assert all(rule() == 0 for rule in RULES.values())


def test_the_same_request_again_returns_the_same_and_issues_nothing_twice() -> None:
    course = make_course(ago=2)
    row = make_enrolment(course)
    first = close_course(course=course, by=acting(course.handler), sheet=sheet({row.pk: FULL}))
    again = close_course(course=course, by=acting(course.handler), sheet=sheet({row.pk: FULL}))
    assert again == first
    assert HourCredit.objects.count() == 1 and Notice.objects.count() == 1


def test_another_request_for_a_closed_course_is_refused() -> None:
    course = make_course(ago=2)
    close(course)
    with pytest.raises(AlreadyClosed):
        close(course, key="other")


def test_not_before_the_last_session_has_ended() -> None:
    course = make_course(day=clock.today())
    assert course.ends_at
    with pytest.raises(NotOverYet):
        close_course(
            course=course,
            by=acting(course.handler),
            sheet=sheet({}),
            at=course.ends_at - timedelta(seconds=1),
        )
    assert (
        close_course(course=course, by=acting(course.handler), sheet=sheet({}), at=course.ends_at).attended
        == 0
    )


@pytest.mark.parametrize("hours", ["0", "-1", "0.3", "3.5", "2.75", "1000"])
def test_hours_out_of_bounds_or_step_refuse_the_whole_sheet(hours: str) -> None:
    course = make_course(ago=2)
    good, bad = make_enrolment(course), make_enrolment(course)
    marks = {good.pk: FULL, bad.pk: Mark.of(S.ATTENDED, Decimal(hours))}
    with pytest.raises(BadHours), transaction.atomic():
        close_course(course=course, by=acting(course.handler), sheet=sheet(marks))
    course.refresh_from_db()
    assert course.is_unclosed and not HourCredit.objects.exists() and not Closing.objects.exists()


def test_a_sheet_must_cover_exactly_the_admitted() -> None:
    course, other = make_course(ago=2), make_course(ago=2)
    row, stranger = make_enrolment(course), make_enrolment(other)
    for marks in ({}, {row.pk: FULL, stranger.pk: FULL}):
        with pytest.raises(ListChanged):
            close_course(course=course, by=acting(course.handler), sheet=sheet(marks))


def test_walk_ins_get_hours_and_no_place_even_when_the_course_is_full() -> None:
    course = make_course(ago=2, capacity=1)
    row, walker = make_enrolment(course), make_user()
    close_course(
        course=course,
        by=acting(course.handler),
        sheet=sheet({row.pk: FULL}, walk_ins=[WalkIn.of(walker.pk, Decimal("2"))]),
    )
    assert mine.hours_by_year(walker.pk)[0].hours == 2
    assert all(rule() == 0 for rule in RULES.values())


def test_who_was_never_admitted_is_declined_when_the_course_closes() -> None:
    course = make_course(ago=2, admission="review")
    row = make_enrolment(course, state=S.APPLIED)
    close(course)
    row.refresh_from_db()
    assert row.state == S.DECLINED


def test_closing_refreshes_the_light_in_the_same_transaction() -> None:
    handler = make_account()
    courses = overdue_courses(handler, 5)
    close(courses[0])
    assert (light_of(handler.unit).colour, light_of(handler.unit).overdue) == ("yellow", 4)


def test_the_lead_may_close_a_colleagues_course_but_a_colleague_may_not() -> None:
    handler = make_account()
    course = make_course(handler, ago=2)
    with pytest.raises(NotTheHandler):
        close_course(course=course, by=acting(make_account(handler.unit)), sheet=sheet({}))
    assert close_course(course=course, by=acting(make_lead(handler.unit)), sheet=sheet({})).pk


def test_closing_needs_the_same_number_of_queries_for_two_and_for_forty(
    django_assert_max_num_queries: Any,
) -> None:
    for people in (2, 40):
        course = make_course(ago=2, capacity=50)
        rows = [make_enrolment(course) for _ in range(people)]
        actor = acting(course.handler)
        # More on PostgreSQL, where locks are statements: of the acting account, the light and the campaign.
        # Two settle planned absences and reports of missed signs, one looks for two places of one person, one ends the list of the
        # lecturers and staff who were named, two read the signs that the
        # hours are compared with and, outside of a request, the policy for their terms.
        with django_assert_max_num_queries(43):
            close_course(course=course, by=actor, sheet=sheet({r.pk: FULL for r in rows}))


def test_a_correction_adds_a_row_with_its_reason_and_the_sum_is_what_counts() -> None:
    course = make_course(ago=2)
    row = make_enrolment(course)
    close(course)
    corrections.correct(
        enrolment=row, by=acting(course.handler), state=S.ATTENDED, hours=Decimal("2"), reason="提早離席"
    )
    assert list(HourCredit.objects.values_list("kind", "hours")) == [("issued", 3), ("corrected", -1)]
    corrections.correct(
        enrolment=row, by=acting(course.handler), state=S.ABSENT, hours=Decimal("0"), reason="未到"
    )
    assert mine.hours_by_year(row.user_id)[0].hours == 0
    assert all(rule() == 0 for rule in RULES.values())


def test_corrections_need_a_closed_course_a_reason_and_a_change() -> None:
    course = make_course(ago=2)
    row = make_enrolment(course)
    facts: dict[str, Any] = {
        "enrolment": row,
        "by": acting(course.handler),
        "state": S.ATTENDED,
        "hours": Decimal("3"),
    }
    with pytest.raises(NotClosedYet):
        corrections.correct(**facts, reason="早")
    close(course)
    with pytest.raises(CorrectionReasonMissing):
        corrections.correct(**facts, reason=" ")
    with pytest.raises(NothingToCorrect):
        corrections.correct(**facts, reason="同")


def test_a_forgotten_person_is_added_after_closing() -> None:
    course, person = make_course(ago=2), make_user()
    close(course)
    corrections.add_person(
        course=course, person=person, by=acting(course.handler), hours=Decimal("3"), reason="漏列"
    )
    assert mine.hours_by_year(person.pk)[0].hours == 3
    assert all(rule() == 0 for rule in RULES.values())


def test_the_ledger_can_neither_be_changed_nor_deleted() -> None:
    course = make_course(ago=2)
    make_enrolment(course)
    close(course)
    credit = HourCredit.objects.get()
    with pytest.raises(TypeError):
        credit.save()
    with pytest.raises(TypeError):
        credit.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        HourCredit.objects.update(hours=99)


def test_a_withdrawn_course_notifies_its_people_and_a_closed_one_cannot_be_withdrawn() -> None:
    handler = make_account()
    course, closed = make_course(handler), make_course(handler, ago=2)
    row = make_enrolment(course)
    withdrawal.withdraw(course=course, by=acting(handler), reason="not_held")
    row.refresh_from_db()
    assert (
        row.state == S.CANCELLED
        and Notice.objects.filter(kind="course_withdrawn", recipient=row.user).exists()
    )
    close(closed)
    with pytest.raises(HoursIssued):
        withdrawal.withdraw(course=closed, by=acting(handler), reason="not_held")


@pytest.mark.parametrize(("reason", "text"), [("", ""), ("nonsense", ""), ("other", " ")])
def test_a_withdrawal_needs_a_typed_reason(reason: str, text: str) -> None:
    course = make_course()
    with pytest.raises(ReasonMissing):
        withdrawal.withdraw(course=course, by=acting(course.handler), reason=reason, text=text)


def test_withdrawing_an_overdue_course_changes_the_light() -> None:
    handler = make_account()
    course = overdue_courses(handler, 5)[0]
    withdrawal.withdraw(course=course, by=acting(handler), reason="registered_twice")
    assert light_of(handler.unit).colour == "yellow"


def test_an_objection_reaches_the_handler_once_and_its_answer_the_teacher() -> None:
    course = make_course(ago=2)
    row = make_enrolment(course)
    close(course, absent=(row,))
    raised = objections.object_to(course=course, by=teacher(row.user), text="我有出席")
    assert "我有出席" in Notice.objects.get(kind="objection_raised", recipient=course.handler.user).body
    with pytest.raises(ObjectionOpen):
        objections.object_to(course=course, by=teacher(row.user), text="再一次")
    objections.answer(objection=raised, by=acting(course.handler), text="已更正")
    assert Notice.objects.filter(kind="objection_answered", recipient=row.user).exists()


def test_the_home_page_finds_owed_and_forgotten_hours() -> None:
    person, course = make_user(), make_course(ago=2)
    row = make_enrolment(course, person)
    assert mine.parted(mine.live(person.pk)) == ([], [row])
    close(course, absent=(row,))
    assert mine.record_of_year(person.pk, 115).absences == [row] and not mine.live(person.pk)
