"""`check_invariants` finds each breach, made behind the actions' back, and is silent otherwise."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command

from accounts.models import Affiliation, Unit, User
from checks import invariants
from courses.actions import lights, reminders
from courses.enums import EnrolmentState as S
from courses.models import Course, Enrolment, PlannedAbsence, Quota, TransferRequest, UnitLight
from hours.models import Attendance, Closing, HourCredit, MissedSign, Survey
from kit import clock
from tests.factories import (
    acting,
    close,
    make_account,
    make_county,
    make_course,
    make_enrolment,
    make_lead,
    make_unit,
    make_user,
    overdue_courses,
)

pytestmark = pytest.mark.django_db


def closed_course() -> Course:
    course = make_course(ago=3)
    make_enrolment(course)
    close(course)
    return Course.objects.get(pk=course.pk)


def seats() -> None:
    Course.objects.filter(pk=make_course().pk).update(seats_taken=3)


def quota() -> None:
    Quota.objects.create(course=make_course(), open_to="own_unit", places=2, taken=1)


def kept_seats() -> None:
    Course.objects.filter(pk=make_course().pk).update(seats_kept=1)


def stray_credit() -> None:
    row = make_enrolment(make_course(ago=3))
    facts = {"kind": "issued", "hours": 3, "issued_by": row.user, "issued_at": clock.now()}
    HourCredit.objects.create(enrolment=row, course=row.course, user=row.user, **facts)


def wrong_person() -> None:
    row = make_enrolment(closed_course(), state=S.ATTENDED, walk_in=True)
    facts = {"kind": "issued", "hours": 1, "issued_by": row.user, "issued_at": clock.now()}
    HourCredit.objects.create(enrolment=row, course=row.course, user=make_user(), **facts)


def hours_of_an_absent() -> None:
    Enrolment.objects.filter(course=closed_course()).update(state=S.ABSENT)


def lecturer_with_hours_of_a_participant() -> None:
    Enrolment.objects.filter(course=closed_course()).update(participation="lecturer")


def wrong_helper_total() -> None:
    Closing.objects.filter(course=closed_course()).update(helper_hours=2)


def wrong_total() -> None:
    Closing.objects.filter(course=closed_course()).update(hours_total=99)


def no_closing() -> None:
    make_course(ago=3, state="closed", closed_at=clock.now())


def early_outcome() -> None:
    make_enrolment(make_course(ago=3), state=S.ABSENT, walk_in=True)


def foreign_handler() -> None:
    Course.objects.filter(pk=make_course().pk).update(handler=make_account())


def live_in_withdrawn() -> None:
    course = make_course()
    make_enrolment(course)
    withdrawn = {
        "state": "withdrawn",
        "withdrawn_at": clock.now(),
        "withdrawn_by": make_user(),
        "withdrawal_reason": "other",
    }
    Course.objects.filter(pk=course.pk).update(**withdrawn)


def moved_end() -> None:
    course = make_course()
    Course.objects.filter(pk=course.pk).update(ends_at=course.ends_at + timedelta(hours=1))  # type: ignore[operator]


def stale_light() -> None:
    handler = make_account()
    overdue_courses(handler, 2)
    lights.refresh()
    UnitLight.objects.filter(unit=handler.unit).update(overdue=1)


def stale_light_of_an_earlier_year() -> None:
    course = make_course(day=date(2023, 6, 1))
    lights.refresh(year=112)
    Course.objects.filter(pk=course.pk).update(
        state="withdrawn", withdrawn_at=clock.now(), withdrawn_by=make_user(), withdrawal_reason="other"
    )


def address_of_somebody_else() -> None:
    EmailAddress.objects.create(user=make_user(), email=make_user().email.upper())


def former_address() -> None:
    EmailAddress.objects.create(user=make_user(), email="former@school.example", verified=True)


def transfer_left_behind() -> None:
    course = closed_course()
    asker = make_account(course.unit)
    TransferRequest.objects.create(
        course=course,
        from_account=course.handler,
        to_account=asker,
        requested_by=asker.user,
        requested_at=clock.now(),
        stated_code=course.code,
        stated_title=course.title,
        stated_name=asker.user.name,
        stated_account=asker.number,
        reason="r",
    )


def stamp_without_notice() -> None:
    handler = make_account()
    told, untold = make_course(handler, ago=3), make_course(handler, ago=4)
    reminders.notify_handlers(by=acting(make_lead(handler.unit)), course_ids=[told.pk])
    Course.objects.filter(pk=untold.pk).update(notified_at=clock.now() - timedelta(hours=1))


def account_without_a_place() -> None:
    account = make_account()
    Affiliation.objects.filter(user=account.user).update(until=clock.today() - timedelta(days=1))


def parent_of_another_kind() -> None:
    make_unit(parent=make_unit(kind="centre", level="none"))


def parent_of_another_county() -> None:
    far = make_unit(kind="county_office", level="none", county=make_county("花蓮縣"))
    make_unit(parent=far)


def late_registration() -> None:
    account = make_account()
    make_course(account)
    Unit.objects.filter(pk=account.unit_id).update(until=clock.today() - timedelta(days=1))


def sign_after_closing() -> None:
    course = Course.objects.filter(state="closed").order_by("pk")[0]
    session, person, at = course.sessions.get(), make_user(), clock.now() + timedelta(hours=1)
    Attendance.objects.create(
        session=session,
        user=person,
        kind="in",
        at=session.starts_at,
        way="hand",
        recorded_at=at,
        recorded_by=person,
    )


def report_left_open() -> None:
    session = Course.objects.filter(state="closed").order_by("pk")[0].sessions.get()
    MissedSign.objects.create(session=session, user=make_user(), text="忘記簽到", raised_at=clock.now())


def merged(into: User) -> User:
    more: dict[str, Any] = {"closed_at": clock.now(), "closed_because": "merged", "is_active": False}
    return make_user(merged_into=into, **more)


def chain_of_merged_records() -> None:
    merged(merged(make_user()))


def account_of_a_merged_record() -> None:
    make_account(user=merged(make_user()))


def guest_of_nobody() -> None:
    make_user(is_guest=True, is_active=False)


def postponed_for_nothing() -> None:
    Course.objects.filter(pk=make_course().pk).update(postponed_at=clock.now())


def excused_but_absent() -> None:
    row = Enrolment.objects.get(course=closed_course())
    Enrolment.objects.filter(pk=row.pk).update(state=S.ABSENT)
    now, by = clock.now(), make_user()
    PlannedAbsence.objects.create(
        enrolment=row, kind="sick", state="accepted", stated_at=now, decided_at=now, decided_by=by
    )


def absence_waiting_in_vain() -> None:
    row = Enrolment.objects.get(course=closed_course())
    PlannedAbsence.objects.create(enrolment=row, kind="sick", stated_at=clock.now())


def answer_of_nobody() -> None:
    Survey.objects.create(course=closed_course(), answers=1)


BREACHES: list[tuple[Callable[[], int], Callable[[], None]]] = [
    (invariants.seat_counters, seats),
    (invariants.quota_counters, quota),
    (invariants.seats_kept_counters, kept_seats),
    (invariants.credits_outside_closed_courses, stray_credit),
    (invariants.credits_strayed, wrong_person),
    (invariants.hours_out_of_bounds, hours_of_an_absent),
    (invariants.hours_of_another_kind, lecturer_with_hours_of_a_participant),
    (invariants.closings_not_summing, wrong_total),
    (invariants.closings_not_summing, wrong_helper_total),
    (invariants.closed_without_closing, no_closing),
    (invariants.outcomes_outside_closed_courses, early_outcome),
    (invariants.handler_of_another_unit, foreign_handler),
    (invariants.withdrawn_with_hours, live_in_withdrawn),
    (invariants.dates_off_sessions, moved_end),
    (invariants.lights_off_recount, stale_light),
    (invariants.lights_off_recount, stale_light_of_an_earlier_year),
    (invariants.postponed_astray, postponed_for_nothing),
    (invariants.excused_and_absent, excused_but_absent),
    (invariants.absences_left_open, absence_waiting_in_vain),
    (invariants.transfers_of_settled_courses, transfer_left_behind),
    (invariants.reminded_without_notice, stamp_without_notice),
    (invariants.accounts_outliving_places, account_without_a_place),
    (invariants.addresses_astray, address_of_somebody_else),
    (invariants.addresses_astray, former_address),
    (invariants.parents_astray, parent_of_another_kind),
    (invariants.registered_after_the_unit_closed, late_registration),
    (invariants.parents_astray, parent_of_another_county),
    (invariants.signs_after_closing, sign_after_closing),
    (invariants.reports_of_closed_courses, report_left_open),
    (invariants.merged_astray, chain_of_merged_records),
    (invariants.merged_astray, account_of_a_merged_record),
    (invariants.guests_without_unit, guest_of_nobody),
    (invariants.surveys_not_counting, answer_of_nobody),
]


@pytest.mark.parametrize(("rule", "breach"), BREACHES, ids=[b.__name__ for _, b in BREACHES])
def test_each_rule_finds_its_breach(rule: Callable[[], int], breach: Callable[[], None]) -> None:
    closed_course()
    assert rule() == 0
    breach()
    assert rule() == 1


def test_the_command_is_silent_on_a_true_database_and_exits_1_on_a_breach() -> None:
    closed_course()
    call_command("check_invariants", stdout=io.StringIO())
    seats()
    with pytest.raises(SystemExit):
        call_command("check_invariants", stdout=io.StringIO(), stderr=io.StringIO())
