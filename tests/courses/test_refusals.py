"""Refusals that no page of the site provokes: its forms are stricter, and races are rare."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from courses.actions import (
    admissions,
    attendance_outcomes,
    audiences,
    enrolments,
    policies,
    registration,
    seats,
    states,
    transfer_decisions,
    transfers,
    withdrawal,
)
from courses.actions.audiences import AudienceData, Who
from courses.actions.course_fields import CourseData
from courses.enums import Admission, CourseState, OpenTo, TransferState
from courses.enums import EnrolmentState as S
from courses.errors import (
    AlreadyEnrolled,
    CannotAdmit,
    CapacityBelowSeats,
    CourseFull,
    CourseGone,
    EnrolmentClosed,
    NotTransferable,
    NotYourUnit,
    PolicyChanged,
    ReasonMissing,
    TooFewPlaces,
    TransferDecided,
    WrongState,
)
from courses.errors.audience import AudienceChanged
from courses.forms.catalogue_filter import CourseFilter
from courses.forms.oversight import AccountForm, account_by_number
from courses.locks import lock_courses
from courses.models import Course, TransferRequest, YearlyPolicy
from courses.queries.enrolment_facts import EnrolmentFacts, enrolment_facts
from courses.rules import may_manage, require_manager
from kit import clock
from tests.factories import (
    acting,
    enrol,
    make_account,
    make_course,
    make_enrolment,
    make_lead,
    make_operator,
    make_user,
    teacher,
)

pytestmark = pytest.mark.django_db


def withdraw(course: Course) -> None:
    """In another window: the caller's course does not know of it."""
    withdrawal.withdraw(course=Course.objects.get(pk=course.pk), by=acting(course.handler), reason="not_held")


def facts_of(course: Course, person: Any) -> EnrolmentFacts:
    found = enrolment_facts(course.code, person.pk, clock.today())
    assert found
    return found


def requested() -> TransferRequest:
    course = make_course()
    [row] = transfers.request(by=acting(make_account(course.unit)), courses=[course], reason="接辦")
    return row


def test_an_outcome_is_refused_to_an_enrolment_that_was_cancelled() -> None:
    row = make_enrolment(make_course(ago=1), state=S.CANCELLED)
    with pytest.raises(CannotAdmit):
        attendance_outcomes.set_outcomes([row], {row.pk: S.ATTENDED})


def test_who_is_enrolled_in_a_full_course_reads_that_and_not_that_it_is_full() -> None:
    course, person = make_course(capacity=1, waiting_list=False), make_user()
    enrol(course, person)
    with pytest.raises(AlreadyEnrolled):
        enrol(course, person)


def test_a_full_course_without_a_waiting_list_is_refused_before_its_lock() -> None:
    course = make_course(capacity=1, waiting_list=False)
    with pytest.raises(CourseFull):
        enrolments._refuse_full(course)


def test_enrolling_in_two_windows_makes_one_enrolment() -> None:
    course, person = make_course(), make_user()
    facts = facts_of(course, person)
    enrol(course, person)
    with pytest.raises(AlreadyEnrolled), transaction.atomic():
        enrolments._create(facts, teacher(person), enrolments.Outcome(S.ADMITTED), clock.now())


def test_enrolling_again_in_two_windows_reopens_the_enrolment_once() -> None:
    course, person = make_course(), make_user()
    row = enrol(course, person)
    enrolments.cancel(course=course, by=teacher(person))
    enrol(course, person)
    with pytest.raises(AlreadyEnrolled):
        enrolments._reopen(row.pk, enrolments.Outcome(S.ADMITTED), clock.now())


def test_enrol_refuses_when_the_organiser_stops_choosing_and_the_course_is_full() -> None:
    """The course was read while the organiser decided; under its lock everybody is admitted at once."""
    course = make_course(capacity=1, waiting_list=False, admission=Admission.REVIEW)
    facts = facts_of(course, make_user())
    Course.objects.filter(pk=course.pk).update(admission=Admission.AUTOMATIC)
    make_enrolment(course)
    with pytest.raises(CourseFull):
        enrolments._state_on_enrolling(facts, clock.now())


def test_enrol_refuses_a_course_that_is_withdrawn_meanwhile() -> None:
    course = make_course(admission=Admission.REVIEW)
    facts = facts_of(course, make_user())
    withdraw(course)
    with pytest.raises(EnrolmentClosed):
        enrolments._state_on_enrolling(facts, clock.now())


def test_enrol_refuses_when_the_organiser_narrows_the_audience_meanwhile() -> None:
    """The course was read while everybody could enrol; the person begins to wait under its lock, judged by nothing."""
    course = make_course(admission=Admission.REVIEW)
    facts = facts_of(course, make_user())
    data = AudienceData(Who(OpenTo.OWN_UNIT))
    audiences.set_audience(course=course, by=acting(course.handler), data=data, is_confirmed=True)
    with pytest.raises(AudienceChanged):
        enrolments._state_on_enrolling(facts, clock.now())


def test_a_full_course_that_is_withdrawn_meanwhile_is_closed_and_not_full() -> None:
    course = make_course(capacity=1, waiting_list=False)
    make_enrolment(course)
    withdraw(course)
    with pytest.raises(EnrolmentClosed):
        enrolments._refuse_full(course)


def test_admit_refuses_when_the_course_is_full() -> None:
    course = make_course(capacity=1, admission=Admission.REVIEW)
    make_enrolment(course)
    waiting = make_enrolment(course, state=S.APPLIED)
    with pytest.raises(CourseFull) as caught:
        admissions.admit(course=course, by=acting(course.handler), enrolment_ids=[waiting.pk])
    assert not isinstance(caught.value, TooFewPlaces)


def test_admit_refuses_a_course_that_is_withdrawn() -> None:
    course = make_course(admission=Admission.REVIEW)
    row = make_enrolment(course, state=S.APPLIED)
    withdraw(course)
    with pytest.raises(WrongState):
        admissions.admit(course=course, by=acting(course.handler), enrolment_ids=[row.pk])


def test_a_place_that_was_taken_meanwhile_moves_nobody_up() -> None:
    course = make_course(capacity=1)
    waiting = make_enrolment(course, state=S.WAITLISTED)
    make_enrolment(course)
    assert seats._move_up(course, [waiting], clock.now()) == []


def test_update_refuses_fewer_places_than_are_taken() -> None:
    course = make_course(capacity=2)
    make_enrolment(course)
    make_enrolment(course)
    with pytest.raises(CapacityBelowSeats):
        registration.update(course=course, by=acting(course.handler), data=CourseData({"capacity": 1}))


def test_update_refuses_a_withdrawn_course() -> None:
    course = make_course()
    withdraw(course)
    with pytest.raises(WrongState):
        registration.update(course=course, by=acting(course.handler), data=CourseData({"title": "改名"}))


def test_a_registered_course_is_not_discarded() -> None:
    course = make_course()
    with pytest.raises(WrongState):
        registration.discard_draft(course=course, by=acting(course.handler))


def test_copy_refuses_the_course_of_another_unit() -> None:
    with pytest.raises(NotYourUnit):
        registration.copy(course=make_course(), by=acting(make_lead()))


def test_a_withdrawn_course_takes_no_other_state() -> None:
    course = make_course()
    withdraw(course)
    course.refresh_from_db()
    with pytest.raises(WrongState):
        states.move(course, CourseState.CLOSED)


def test_a_course_that_was_withdrawn_meanwhile_is_not_moved_on() -> None:
    course = make_course(ago=2)
    withdraw(course)
    with pytest.raises(WrongState):
        states.move(course, CourseState.CLOSED)


def test_a_course_that_has_moved_meanwhile_does_not_move_again() -> None:
    course, to = make_course(), make_account()
    Course.objects.filter(pk=course.pk).update(handler=make_account(course.unit))
    with pytest.raises(NotTransferable):
        transfer_decisions._move(course, to, acting(make_operator()), "職務異動")


def test_request_refuses_the_course_of_another_unit_and_an_empty_reason() -> None:
    course = make_course()
    with pytest.raises(NotYourUnit):
        transfers.request(by=acting(make_account()), courses=[course], reason="接辦")
    with pytest.raises(ReasonMissing):
        transfers.request(by=acting(make_account(course.unit)), courses=[course], reason=" ")


def test_offer_refuses_without_a_reason() -> None:
    course = make_course()
    with pytest.raises(ReasonMissing):
        transfers.offer(
            by=acting(course.handler), courses=[course], to_account=make_account(course.unit), reason=" "
        )


def test_a_request_is_withdrawn_once() -> None:
    row = requested()
    as_it_was, by = TransferRequest.objects.get(pk=row.pk), teacher(row.requested_by)
    transfers.withdraw(transfer=row, by=by)
    with pytest.raises(TransferDecided):
        transfers.withdraw(transfer=row, by=by)
    with pytest.raises(TransferDecided):
        transfers.note_decision(as_it_was, TransferState.APPROVED, by, None)


def test_approve_refuses_a_course_that_has_moved_meanwhile() -> None:
    row = requested()
    Course.objects.filter(pk=row.course_id).update(handler=make_account(row.course.unit))
    with pytest.raises(NotTransferable):
        transfer_decisions.approve(transfers=[row], by=acting(make_operator()))


def test_move_courses_refuses_without_a_reason() -> None:
    course = make_course()
    with pytest.raises(ReasonMissing):
        transfer_decisions.move_courses(
            pairs=[(course, make_account(course.unit))], by=acting(make_operator()), reason=" "
        )


def test_a_draft_that_was_discarded_meanwhile_cannot_be_locked() -> None:
    course = make_course(state=CourseState.DRAFT)
    draft = Course.objects.get(pk=course.pk)
    registration.discard_draft(course=course, by=acting(course.handler))
    with pytest.raises(CourseGone):
        lock_courses([draft.pk, make_course().pk])


def test_the_lead_of_another_unit_manages_no_course() -> None:
    course, stranger = make_course(), acting(make_lead())
    assert not may_manage(stranger, course)
    with pytest.raises(NotYourUnit):
        require_manager(stranger, course)


def test_a_policy_is_not_changed_without_a_reason() -> None:
    with pytest.raises(ReasonMissing):
        policies.change(year=115, by=acting(make_operator()), values={}, reason=" ", version=0)


def test_of_two_operators_who_change_a_policy_at_once_the_later_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    find = policies._next

    def meanwhile(*args: Any) -> tuple[YearlyPolicy, YearlyPolicy]:
        """The other operator saves the version that this one is about to save."""
        old, new = find(*args)
        _, other = find(*args)
        other.save()
        return old, new

    monkeypatch.setattr(policies, "_next", meanwhile)
    with pytest.raises(PolicyChanged):
        policies.change(year=115, by=acting(make_operator()), values={}, reason="試辦", version=0)


def test_an_account_is_found_by_its_number_only() -> None:
    account = make_account()
    assert account_by_number(f" {account.number.lower()} ") == account
    with pytest.raises(ValidationError):
        account_by_number("134526-999")


def test_an_account_is_given_to_a_known_person_only() -> None:
    form = AccountForm({"email": "nobody@school.example"})
    assert "email" in form.errors


@pytest.mark.parametrize("year", [1911, 2101])
def test_the_catalogue_refuses_a_day_that_no_course_could_have(year: int) -> None:
    asked = dict.fromkeys(("first", "last", "day"), f"{year}-01-01")
    found = CourseFilter(asked, queryset=Course.objects.public())
    assert not found.form.is_valid() and set(found.form.errors) == set(asked)
    sound = CourseFilter({"first": "1912-01-01", "last": "2100-12-31"}, queryset=Course.objects.public())
    assert sound.form.is_valid()
