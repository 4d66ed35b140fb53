"""Refusals that no page of the site provokes: its forms are stricter."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import BusinessAccount
from courses.actions import withdrawal
from courses.errors import OnlyOversight, WrongState
from courses.models.typed import Typed
from hours.actions import corrections, objections, walk_ins
from hours.errors import (
    AlreadyListed,
    AnswerMissing,
    NotClosedYet,
    ObjectionAnswered,
    OnlyUnitLead,
    ReasonMissing,
    TooManyWalkIns,
)
from hours.forms import closing as pages
from hours.models import LookUpDay
from hours.rules import require_records_of_county, require_records_of_unit
from kit import clock
from tests.factories import (
    acting,
    close,
    make_account,
    make_county,
    make_course,
    make_enrolment,
    make_lead,
    make_officer,
    make_operator,
    make_user,
    teacher,
)

pytestmark = pytest.mark.django_db
THREE = Decimal("3")


def test_nobody_is_looked_up_to_be_added_to_a_course_that_is_not_closed() -> None:
    course = make_course(ago=2)
    with pytest.raises(NotClosedYet):
        corrections.add_person(
            course=course, person=Typed("A123456789"), by=acting(course.handler), hours=THREE, reason="漏列"
        )
    assert not LookUpDay.objects.exists()


def test_nobody_is_looked_up_to_be_added_without_a_reason() -> None:
    course = make_course(ago=2)
    close(course)
    with pytest.raises(ReasonMissing):
        corrections.add_person(
            course=course, person=Typed("A123456789"), by=acting(course.handler), hours=THREE, reason=" "
        )
    assert not LookUpDay.objects.exists()


def test_nobody_is_looked_up_for_a_withdrawn_course() -> None:
    course = make_course(ago=2)
    withdrawal.withdraw(course=course, by=acting(course.handler), reason="not_held")
    with pytest.raises(WrongState):
        walk_ins.look_up(course=course, by=acting(course.handler), typed=[Typed("A123456789")])
    assert not LookUpDay.objects.exists()


def test_an_objection_is_answered_once_and_with_words() -> None:
    course = make_course(ago=2)
    row = make_enrolment(course)
    close(course, absent=(row,))
    objection = objections.object_to(course=course, by=teacher(row.user), text="簽到表有我")
    by = acting(course.handler)
    with pytest.raises(AnswerMissing):
        objections.answer(objection=objection, by=by, text=" ")
    objections.answer(objection=objection, by=by, text="已補登")
    with pytest.raises(ObjectionAnswered):
        objections.answer(objection=objection, by=by, text="再次回覆")


def test_a_walk_in_is_on_the_sheet_once() -> None:
    course = make_course(ago=2)
    row = make_enrolment(course)
    page = pages.fresh(course, Decimal("0.5"))
    with pytest.raises(AlreadyListed):
        pages.add_walk_ins(page, [row.user])
    page = pages.add_walk_ins(page, [guest := make_user()])
    with pytest.raises(AlreadyListed):
        pages.add_walk_ins(page, [guest])


def test_a_sheet_has_a_largest_number_of_walk_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_WALK_INS", 1)
    page = pages.add_walk_ins(pages.fresh(make_course(ago=2), Decimal("0.5")), [make_user()])
    with pytest.raises(TooManyWalkIns):
        pages.add_walk_ins(page, [make_user()])


def test_the_records_of_a_unit_are_its_leads() -> None:
    lead = make_lead()
    assert require_records_of_unit(acting(lead)) == lead.unit
    for other in (acting(make_account(lead.unit)), teacher(lead.user), acting(make_operator())):
        with pytest.raises(OnlyUnitLead):
            require_records_of_unit(other)


def test_the_records_of_a_county_are_its_officers_and_the_operators() -> None:
    county = make_county("屏東縣")
    officer = make_officer(county)
    require_records_of_county(acting(officer), county)
    require_records_of_county(acting(make_operator()), county)
    suspended = make_operator(suspended_at=clock.now(), suspended_reason="調查中")
    for other in (
        acting(suspended),
        teacher(officer.user),
        acting(make_lead()),
        acting(make_officer(make_county("花蓮縣"))),
    ):
        with pytest.raises(OnlyOversight):
            require_records_of_county(other, county)


@pytest.mark.parametrize(
    ("make", "path"),
    [(make_lead, "hours:unit_records_download"), (make_officer, "hours:county_records_download")],
)
def test_records_are_no_file_of_an_unknown_format(make: Callable[[], BusinessAccount], path: str) -> None:
    client = Client()
    client.force_login(make().user)
    assert client.get(reverse(path, args=["csv"])).status_code == 200
    assert client.get(reverse(path, args=["pdf"])).status_code == 404
