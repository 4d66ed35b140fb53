"""Refusals that no page of the site provokes: its forms are stricter, and races are rare."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory

from accounts import jobs
from accounts.acting import Actor, NoAppointment
from accounts.actions import (
    applications,
    appointments,
    identity_changes,
    mass_appointments,
    unit_codes,
    units,
)
from accounts.enums import Role, UnitKind, UnitLevel
from accounts.errors import (
    AlreadyAppointed,
    AlreadyDecided,
    AlreadySuspended,
    EmailTaken,
    EndsBeforeStart,
    MayNotAppoint,
    NotSuspended,
    OnlyOperatorMay,
    ReasonNeeded,
    RoleNotHere,
    UnitCodeTaken,
)
from accounts.models import AccountApplication, IdentityChange, Unit, User
from accounts.route_guard import right_for
from accounts.rules import may_oversee
from jobs.models import Job
from jobs.progress import Work
from kit import clock
from tests.factories import (
    acting,
    make_account,
    make_county,
    make_lead,
    make_operator,
    make_unit,
    make_user,
    teacher,
)

db = pytest.mark.django_db


def days(number: int) -> timedelta:
    return timedelta(days=number)


def apply(**fields: Any) -> AccountApplication:
    facts = {"unit": make_unit(), "role": Role.HANDLER, "reason": "接辦", "starts_on": clock.today()} | fields
    return applications.apply(by=teacher(make_user()), **facts)


def change_requested(user: User | None = None, email: str = "new@school.example") -> IdentityChange:
    by = teacher(user or make_user())
    return identity_changes.request(by=by, new_name="新名", new_email=email, reason="改名")


def test_a_teachers_hat_has_no_business_account() -> None:
    with pytest.raises(NoAppointment):
        _ = Actor(User()).appointment


@db
def test_the_operators_unit_belongs_to_no_county() -> None:
    unit = make_unit(kind=UnitKind.OPERATOR, level=UnitLevel.NONE)
    Unit.objects.filter(pk=unit.pk).update(county=None)
    with pytest.raises(NoAppointment):
        _ = acting(make_account(unit, role=Role.OPERATOR)).county


@db
def test_of_two_people_who_give_a_unit_the_same_code_at_once_the_later_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unit, county = make_unit(), make_county()
    monkeypatch.setattr(unit_codes, "refuse_taken", lambda code, level: None)
    facts: dict[str, Any] = {
        **dict.fromkeys(units.FIELDS, ""),
        "name": "縣立新設國中",
        "kind": UnitKind.SCHOOL,
        "county": county,
        "parent": None,
        "since": None,
        "code": unit.code,
        "level": unit.level,
    }
    with pytest.raises(UnitCodeTaken):
        units.add(facts=facts, by=acting(make_operator()))
    with pytest.raises(UnitCodeTaken):
        other = make_unit(county=county)
        unit_codes.recode(
            unit=other, code=unit.code, level=unit.level, reason="改制", by=acting(make_operator())
        )


@db
def test_apply_refuses_without_a_reason() -> None:
    with pytest.raises(ReasonNeeded):
        apply(reason=" ")


@db
@pytest.mark.parametrize("first", [-30, 10])
def test_apply_refuses_a_last_day_before_the_first_day_or_today(first: int) -> None:
    with pytest.raises(EndsBeforeStart) as caught:
        apply(
            starts_on=clock.today() + days(first), ends_on=clock.today() + days(min(first, 0) + min(first, 9))
        )
    assert caught.value.field == "ends_on"


@db
def test_appoint_refuses_a_last_day_before_the_first_day() -> None:
    today = clock.today()
    with pytest.raises(EndsBeforeStart):
        appointments.appoint(
            user=make_user(),
            unit=make_unit(),
            role=Role.HANDLER,
            by=None,
            valid_from=today,
            valid_until=today - days(1),
        )


@db
def test_appoint_refuses_an_account_that_is_over_already() -> None:
    lead, today = make_lead(), clock.today()
    with pytest.raises(EndsBeforeStart) as caught:
        appointments.appoint(
            user=make_user(),
            unit=lead.unit,
            role=Role.HANDLER,
            by=acting(lead),
            valid_from=today - days(9),
            valid_until=today - days(1),
        )
    assert caught.value.field == "valid_until"


@db
def test_appoint_refuses_a_role_that_the_unit_has_not() -> None:
    with pytest.raises(RoleNotHere):
        appointments.appoint(
            user=make_user(), unit=make_unit(), role=Role.COUNTY_OFFICER, by=acting(make_operator())
        )


@db
def test_appoint_refuses_a_second_open_account_of_the_role() -> None:
    account = make_account()
    with pytest.raises(AlreadyAppointed):
        appointments.appoint(
            user=account.user, unit=account.unit, role=account.role, by=acting(make_lead(account.unit))
        )


@db
def test_an_import_appoints_nobody_beyond_the_reach_of_its_person() -> None:
    wanted = mass_appointments.Appointment(make_user(), make_unit(), Role.HANDLER)
    with pytest.raises(MayNotAppoint):
        mass_appointments.appoint_all([wanted], by=acting(make_lead()))
    assert not wanted.user.business_accounts.exists()


@db
def test_suspend_refuses_a_stranger_a_second_time_and_without_a_reason() -> None:
    lead = make_lead()
    account = make_account(lead.unit)
    with pytest.raises(MayNotAppoint):
        appointments.suspend(account=account, by=acting(make_lead()), reason="留職停薪")
    with pytest.raises(ReasonNeeded):
        appointments.suspend(account=account, by=acting(lead), reason=" ")
    appointments.suspend(account=account, by=acting(lead), reason="留職停薪")
    with pytest.raises(AlreadySuspended):
        appointments.suspend(account=account, by=acting(lead), reason="留職停薪")


@db
def test_resume_refuses_an_account_in_force() -> None:
    lead = make_lead()
    with pytest.raises(NotSuspended):
        appointments.resume(account=make_account(lead.unit), by=acting(lead), reason="復職")


@db
def test_a_suspended_operator_oversees_nothing() -> None:
    operator = make_operator(suspended_at=clock.now(), suspended_reason="調查中")
    assert not may_oversee(acting(operator), make_unit())


@db
def test_refuse_of_an_application_is_refused_to_a_lead_of_another_unit() -> None:
    row = apply()
    with pytest.raises(MayNotAppoint):
        applications.refuse(application=row, by=acting(make_lead()), reason="非本校人員")


@db
def test_resume_refuses_without_a_reason() -> None:
    lead = make_lead()
    account = make_account(lead.unit)
    appointments.suspend(account=account, by=acting(lead), reason="留職停薪")
    with pytest.raises(ReasonNeeded):
        appointments.resume(account=account, by=acting(lead), reason=" ")


@db
def test_request_of_another_name_refuses_without_a_reason() -> None:
    user = make_user()
    with pytest.raises(ReasonNeeded):
        identity_changes.request(by=teacher(user), new_name="新名", new_email=user.email, reason=" ")


@db
def test_nobody_withdraws_the_request_of_another_person() -> None:
    with pytest.raises(MayNotAppoint):
        identity_changes.withdraw(change=change_requested(), by=teacher(make_user()))


@db
def test_refuse_of_another_name_needs_the_right_and_a_reason() -> None:
    row = change_requested()
    with pytest.raises(MayNotAppoint):
        identity_changes.refuse(change=row, by=acting(make_lead()), reason="證件不符")
    with pytest.raises(ReasonNeeded):
        identity_changes.refuse(change=row, by=acting(make_operator()), reason=" ")


@db
def test_a_decided_request_is_not_decided_again() -> None:
    row, operator = change_requested(), acting(make_operator())
    identity_changes.approve(change=row, by=operator)
    for again in decisions(row, operator):
        with pytest.raises(AlreadyDecided):
            again()


def decisions(row: IdentityChange, by: Actor) -> list[Callable[[], object]]:
    return [
        lambda: identity_changes.approve(change=row, by=by),
        lambda: identity_changes.refuse(change=row, by=by, reason="重複"),
        lambda: identity_changes.withdraw(change=row, by=teacher(row.user)),
    ]


@db
def test_approve_refuses_an_address_that_another_person_took_meanwhile() -> None:
    row = change_requested(email="taken@school.example")
    make_user(email="Taken@School.Example")
    with pytest.raises(EmailTaken):
        identity_changes.approve(change=row, by=acting(make_operator()))
    row.user.refresh_from_db()
    assert row.user.email == row.old_email


@db
def test_an_import_is_refused_to_an_account_that_is_no_operators() -> None:
    lead = make_lead()
    job = Job(owner=lead.user, account_number=lead.number, kind=jobs.PEOPLE)
    with pytest.raises(OnlyOperatorMay):
        jobs.people(Work(job))


def test_an_address_without_a_row_in_the_table_of_rights_is_refused() -> None:
    with pytest.raises(PermissionDenied):
        right_for(RequestFactory().get("/nowhere/"))
