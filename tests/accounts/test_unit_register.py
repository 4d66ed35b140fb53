"""The register of units: who keeps which unit, what a unit may be, and what the page says."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import unit_rules, units
from accounts.enums import UnitKind, UnitLevel
from accounts.errors import (
    ChangedMeanwhile,
    CountyNeeded,
    KindOfOperator,
    LevelDiffers,
    MayNotKeepUnit,
    ParentAstray,
    ParentInCircle,
    ParentOfWrongKind,
    UnitClosed,
    UnitCodeTaken,
    UnitStays,
)
from accounts.models import Unit
from accounts.models.unit import is_official
from accounts.queries.units import UnitFilter, units_matching
from audit.models import AuditEvent
from kit import clock
from kit.errors import Refusal
from tests.factories import (
    acting,
    make_account,
    make_county,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
)

pytestmark = pytest.mark.django_db


def facts(**more: Any) -> dict[str, Any]:
    known: dict[str, Any] = dict.fromkeys(units.FIELDS, "")
    return {
        **known,
        "name": "縣立新設國中",
        "kind": UnitKind.SCHOOL,
        "county": make_county(),
        "parent": None,
        "since": None,
        "code": "134599",
        "level": UnitLevel.JUNIOR_HIGH,
        **more,
    }


def stored(unit: Unit, **more: Any) -> dict[str, Any]:
    return {name: getattr(unit, name) for name in units.FIELDS} | more


def test_a_county_officer_adds_a_unit_of_the_county_and_the_record_says_so() -> None:
    officer = make_officer()
    made = units.add(facts=facts(parent=officer.unit), by=acting(officer))
    event = AuditEvent.objects.get(action="unit.added")
    assert event.unit_id == made.pk and event.actor_id == officer.user_id
    assert event.after == {"name": "縣立新設國中", "kind": "school", "county": "屏東縣"}


def test_a_county_officer_adds_no_unit_of_another_county_and_none_of_the_nation() -> None:
    officer = acting(make_officer())
    with pytest.raises(MayNotKeepUnit):
        units.add(facts=facts(county=make_county("花蓮縣")), by=officer)
    with pytest.raises(MayNotKeepUnit):
        units.add(facts=facts(county=None, kind=UnitKind.UNIVERSITY, level="none"), by=officer)


def test_an_officer_whose_unit_lost_its_county_keeps_no_units_of_the_nation() -> None:
    officer = make_officer()
    Unit.objects.filter(pk=officer.unit_id).update(kind="university", county=None)
    assert not acting(officer).oversees_county(None)


@pytest.mark.parametrize("kind", [UnitKind.MINISTRY, UnitKind.OPERATOR])
def test_only_the_operator_adds_the_ministry_and_its_own_kind(kind: str) -> None:
    with pytest.raises(KindOfOperator):
        units.add(facts=facts(kind=kind, level="none"), by=acting(make_officer()))
    assert units.add(facts=facts(kind=kind, level="none", county=None), by=acting(make_operator()))


def test_a_lead_and_an_ended_officer_keep_no_units() -> None:
    with pytest.raises(MayNotKeepUnit):
        units.add(facts=facts(), by=acting(make_lead()))
    officer = make_officer(suspended_at="2026-01-01T00:00Z")
    with pytest.raises(MayNotKeepUnit):
        units.add(facts=facts(), by=acting(officer))


def test_the_code_and_level_of_a_unit_are_given_once() -> None:
    units.add(facts=facts(), by=acting(make_operator()))
    with pytest.raises(UnitCodeTaken):
        units.add(facts=facts(name="另一校"), by=acting(make_operator()))
    attached = facts(name="附設國小", level=UnitLevel.ATTACHED_ELEMENTARY)
    assert units.add(facts=attached, by=acting(make_operator()))


RULES: list[tuple[dict[str, Any], type[Refusal]]] = [
    ({"county": None}, CountyNeeded),
    ({"level": "none"}, LevelDiffers),
    ({"level": "preschool"}, LevelDiffers),
    ({"kind": "kindergarten"}, LevelDiffers),
    ({"kind": "centre"}, LevelDiffers),
]


@pytest.mark.parametrize(("wrong", "refusal"), RULES)
def test_kind_level_and_county_fit_each_other(wrong: dict[str, Any], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        unit_rules.check(facts(**wrong))
    unit_rules.check(facts())


def test_a_parent_is_of_a_right_kind_and_of_the_county_or_the_nation() -> None:
    centre = make_unit(kind="centre", level="none")
    far = make_unit(kind="county_office", level="none", county=make_county("花蓮縣"))
    with pytest.raises(ParentOfWrongKind):
        unit_rules.check(facts(parent=centre))
    with pytest.raises(ParentAstray):
        unit_rules.check(facts(parent=far))
    unit_rules.check(facts(parent=make_unit(kind="university", level="none", county=None)))


def test_a_closed_unit_gets_no_unit_under_it_and_keeps_those_that_it_has() -> None:
    operator, school = acting(make_operator()), make_unit(level="elementary", name="母校")
    garden = make_unit(kind="kindergarten", level="preschool", parent=school)
    Unit.objects.filter(pk=school.pk).update(until=clock.today() - timedelta(days=1))
    school.refresh_from_db()
    new = facts(kind="kindergarten", level="preschool", county=school.county, parent=school)
    with pytest.raises(UnitClosed, match="母校"):
        units.add(facts=new, by=operator)
    changed = units.change(
        unit=garden, facts=stored(garden, phone="08-7"), seen=units.mark(garden), by=operator
    )
    assert changed.parent == school and changed.phone == "08-7"


def test_a_unit_of_the_nation_has_no_parent_of_a_county() -> None:
    school = make_unit()
    with pytest.raises(ParentAstray):
        unit_rules.check(facts(kind="teachers_association", level="none", county=None, parent=school))


def test_a_unit_is_not_above_itself() -> None:
    high = make_unit()
    attached = make_unit(parent=high)
    with pytest.raises(ParentInCircle):
        unit_rules.check(facts(parent=high), high)
    with pytest.raises(ParentInCircle):
        unit_rules.check(facts(parent=attached), high)


def test_a_kind_that_the_units_below_cannot_be_under_is_refused() -> None:
    office = make_unit(kind="county_office", level="none")
    make_unit(parent=office)
    with pytest.raises(ParentOfWrongKind):
        units.change(
            unit=office,
            facts=stored(office, kind="town_office"),
            seen=units.mark(office),
            by=acting(make_operator()),
        )


def test_each_change_is_recorded_with_the_value_before() -> None:
    unit, officer = make_unit(phone="08-1"), make_officer()
    units.change(unit=unit, facts=stored(unit, phone="08-2"), seen=units.mark(unit), by=acting(officer))
    event = AuditEvent.objects.get(action="unit.changed")
    assert (event.before, event.after) == ({"phone": "08-1"}, {"phone": "08-2"})


def test_what_a_person_else_changed_meanwhile_is_not_overwritten() -> None:
    unit, officer = make_unit(), acting(make_officer())
    seen = units.mark(unit)
    Unit.objects.filter(pk=unit.pk).update(phone="08-9")
    with pytest.raises(ChangedMeanwhile):
        units.change(unit=unit, facts=stored(unit, district="潮州鎮"), seen=seen, by=officer)


def test_a_change_of_nothing_is_refused() -> None:
    unit = make_unit()
    with pytest.raises(UnitStays):
        units.change(unit=unit, facts=stored(unit), seen=units.mark(unit), by=acting(make_officer()))


def test_an_officer_moves_no_unit_out_of_the_county() -> None:
    unit = make_unit()
    moved = stored(unit, county=make_county("花蓮縣"))
    with pytest.raises(MayNotKeepUnit):
        units.change(unit=unit, facts=moved, seen=units.mark(unit), by=acting(make_officer()))
    units.change(unit=unit, facts=moved, seen=units.mark(unit), by=acting(make_operator()))


def test_the_register_shows_a_county_its_own_units_and_the_operator_all() -> None:
    officer, far = make_officer(), make_unit(county=make_county("花蓮縣"))
    nation = make_unit(kind="university", level="none", county=None)
    mine = set(units_matching(acting(officer), UnitFilter()))
    assert mine == {officer.unit}
    assert {far, nation} <= set(units_matching(acting(make_operator()), UnitFilter()))


def test_the_register_is_narrowed_by_words_kind_level_and_what_is_missing() -> None:
    operator = acting(make_operator())
    led, alone = make_lead().unit, make_unit(district="潮州鎮", contact_mail="a@b.edu.tw")

    def found(**wanted: Any) -> set[Unit]:
        return set(units_matching(operator, UnitFilter(**wanted)))

    assert found(words="潮州") == {alone} == found(words=alone.code[:6])
    assert led in found(kind="school") and operator.appointment.unit not in found(kind="school")
    assert found(level="none") == {operator.appointment.unit}
    assert alone in found(missing="lead") and led not in found(missing="lead")
    assert led in found(missing="mailbox") and alone not in found(missing="mailbox")
    closed = make_unit(until=clock.today() - timedelta(days=1))
    closes = make_unit(until=clock.today())
    for what in ("lead", "mailbox"):
        assert closes in found(missing=what) and closed not in found(missing=what)


@pytest.mark.parametrize(
    ("mail", "official"),
    [
        ("school@mail.ptc.edu.tw", True),
        ("a@ptc.edu.tw", True),
        ("a@mail.pthg.gov.tw", True),
        ("a@gmail.com", False),
        ("a@edu.tw.example", False),
        ("a@notedu.tw", False),
    ],
)
def test_an_official_mailbox_is_one_of_schools_or_offices(mail: str, official: bool) -> None:
    assert is_official(mail) is official


def posted(unit: Unit, **more: str) -> dict[str, str]:
    shown = {name: getattr(unit, name) or "" for name in units.FIELDS} | {
        "county": str(unit.county_id),
        "parent": "",
        "seen": units.mark(unit),
    }
    return shown | more


def test_the_page_saves_a_change_and_warns_of_a_private_mailbox(client: Client) -> None:
    unit, officer = make_unit(), make_officer()
    client.force_login(officer.user)
    address = reverse("accounts:unit_edit", args=[unit.pk])
    answer = client.post(
        address, posted(unit, parent=officer.unit.code, contact_mail="a@gmail.com"), follow=True
    )
    unit.refresh_from_db()
    assert unit.parent == officer.unit and unit.contact_mail == "a@gmail.com"
    assert "非公務信箱" not in answer.content.decode()
    assert "不是公務信箱" in answer.content.decode()


@pytest.mark.parametrize("typed", ["000000", "134-52"])
def test_an_unknown_parent_is_refused_at_its_field(client: Client, typed: str) -> None:
    unit = make_unit()
    client.force_login(make_officer().user)
    answer = client.post(reverse("accounts:unit_edit", args=[unit.pk]), posted(unit, parent=typed))
    assert "parent" in answer.context["form"].errors


def test_a_parent_whose_code_two_units_share_is_named_with_its_level(client: Client) -> None:
    high = make_unit("011301", level="senior_high")
    make_unit("011301", level="attached_elementary")
    unit = make_unit()
    client.force_login(make_officer().user)
    address = reverse("accounts:unit_edit", args=[unit.pk])
    assert "parent" in client.post(address, posted(unit, parent="011301")).context["form"].errors
    client.post(address, posted(unit, parent="011301 senior_high"))
    unit.refresh_from_db()
    assert unit.parent == high


def test_another_countys_unit_is_not_found(client: Client) -> None:
    client.force_login(make_officer().user)
    far = make_unit(county=make_county("花蓮縣"))
    assert client.get(reverse("accounts:unit_edit", args=[far.pk])).status_code == 404


def test_a_handler_of_a_unit_of_the_nation_is_overseen_by_no_county() -> None:
    account = make_account(make_unit(kind="university", level="none", county=None))
    assert not acting(make_officer()).oversees_county(account.unit.county_id)
