"""Registers on PostgreSQL: two people who enter the same at once. One wins, the other gets a sentence; without the guard it is an error."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.actions import (
    appointments,
    closing_people,
    code_lists,
    identities,
    mass_appointments,
    places,
    staff,
    unit_lists,
)
from accounts.actions.code_lists import Entry
from accounts.actions.mass_appointments import Appointment
from accounts.actions.places import PlaceFacts
from accounts.enums import Role
from accounts.errors import EnteredMeanwhile
from accounts.errors.code_lists import CodeTaken, EntryGone
from accounts.imports import file_turns
from accounts.imports.people import import_people
from accounts.imports.roster import import_roster
from accounts.models import Affiliation, Unit, UnitList, UnitListRow, User
from courses.actions import unit_life
from courses.models import Tag
from kit import clock
from signin.actions import join_requests
from signin.education import propose_places
from tests.concurrency.race import at_once, one_then_other
from tests.factories import (
    acting,
    make_county,
    make_join_request,
    make_lead,
    make_offer,
    make_officer,
    make_operator,
    make_unit,
    make_user,
    teacher,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
NUMBER = "A123456789"


def kinds(results: list[Any]) -> list[str]:
    """Return the names of the refusals and errors among the results."""
    return sorted(type(result).__name__ for result in results if isinstance(result, Exception))


def entered_at_two_units() -> list[Any]:
    """Two clerks enter the same unknown person at two units."""
    facts = PlaceFacts(title="教師", since=clock.today())
    who = {"who": NUMBER, "name": "林新進", "email": "new@x.example"}
    clerks = [acting(make_lead()) for _ in range(2)]
    units = [Unit.objects.get(pk=by.unit_id) for by in clerks]
    adds = [
        lambda by=by, unit=unit: staff.add(unit=unit, facts=facts, by=by, **who)
        for by, unit in zip(clerks, units, strict=True)
    ]
    return one_then_other(adds[0], adds[1], 5, until_it_waits=True)


def test_a_person_whom_two_units_enter_at_once_is_entered_once() -> None:
    assert kinds(entered_at_two_units()) == ["EnteredMeanwhile"]
    assert User.objects.filter(name="林新進").count() == 1


def test_without_its_guard_the_second_entry_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def unguarded(person: User, *, by: Any, unit_id: int) -> None:
        identities.create([person], by=by, unit_of={id(person): unit_id})

    monkeypatch.setattr(identities, "enter", unguarded)
    assert kinds(entered_at_two_units()) == ["IntegrityError"]


def test_a_number_that_waits_at_two_units_is_entered_once() -> None:
    leads = [make_lead() for _ in range(2)]
    rows = [make_join_request(lead.unit, NUMBER, email=f"n{at}@x.example") for at, lead in enumerate(leads)]
    approvals = [
        lambda row=row, lead=lead: join_requests.approve(request=row, by=acting(lead))
        for row, lead in zip(rows, leads, strict=True)
    ]
    results = one_then_other(approvals[0], approvals[1], 5, until_it_waits=True)
    assert [type(result) for result in results if isinstance(result, Exception)] == [EnteredMeanwhile]


def test_a_person_who_is_closed_while_a_unit_enters_them_gets_no_place() -> None:
    lead, operator = make_lead(), acting(make_operator())
    person = make_user("林新進")
    person.set_national_id(NUMBER)
    person.save()
    row = make_join_request(lead.unit, NUMBER)
    results = one_then_other(
        lambda: closing_people.close(person=person, because="retired", by=operator, reason="退休"),
        lambda: join_requests.approve(request=row, by=acting(lead)),
        5,
        until_it_waits=True,
    )
    assert kinds(results) == ["PersonIsClosed"] and not Affiliation.objects.filter(user=person).exists()


def test_a_code_that_two_operators_give_at_once_is_given_once() -> None:
    boss = [acting(make_operator()) for _ in range(2)]
    adds = [lambda by=by: code_lists.add(by=by, to="tags", code="x", entry=Entry("x")) for by in boss]
    results = one_then_other(adds[0], adds[1], 5, until_it_waits=True)
    assert [type(result) for result in results if isinstance(result, Exception)] == [CodeTaken]


def test_an_entry_that_is_deleted_while_another_waits_for_it_is_gone() -> None:
    boss = [acting(make_operator()) for _ in range(2)]
    tag = code_lists.add(by=boss[0], to="tags", code="x", entry=Entry("x"))
    results = one_then_other(
        lambda: code_lists.delete(by=boss[0], of="tags", row=tag),
        lambda: code_lists.change(by=boss[1], of="tags", row=Tag(pk=tag.pk), entry=Entry("y")),
        5,
        until_it_waits=True,
    )
    assert [type(result) for result in results if isinstance(result, Exception)] == [EntryGone]


def propose_at_two_log_ins() -> list[Any]:
    person, unit = make_user(), make_unit("134526")
    Affiliation.objects.create(user=person, unit=make_unit())
    eduinfo = {"titles": [{"schoolid": unit.code, "titles": ["教師"]}]}
    return at_once([lambda: propose_places(person, eduinfo)] * 8, threads=8)


def test_log_ins_at_once_propose_once() -> None:
    results = propose_at_two_log_ins()
    assert kinds(results) == [] and sorted(results)[-1] == 2 and sum(results) == 2


def unit_list() -> UnitList:
    facts = {
        "code": "134600",
        "level": "junior_high",
        "kind": "school",
        "name": "縣立新設國中",
        "county": "屏東縣",
    }
    make_county("屏東縣")
    row = UnitListRow(group="new", code="134600", name="縣立新設國中", facts=facts)
    return unit_lists.save(name="名錄", rows=[row], unchanged=0, by=acting(make_operator()))


def accept_twice() -> list[Any]:
    kept = unit_list()
    boss = [acting(make_operator()) for _ in range(2)]
    ids = [row.pk for row in kept.rows.all()]
    accepts = [lambda by=by: unit_lists.accept(unit_list=kept, row_ids=ids, by=by) for by in boss]
    return one_then_other(accepts[0], accepts[1], 5, until_it_waits=True)


def test_a_unit_that_two_operators_accept_at_once_is_added_once() -> None:
    assert sorted(result.done for result in accept_twice()) == [0, 1]
    assert Unit.objects.filter(code="134600").count() == 1


def test_without_the_lock_the_second_acceptance_is_refused_by_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unit_lists, "lock_unit_list", lambda kept: None)
    assert kinds(accept_twice()) == ["UnitsAddedMeanwhile"]


def closing_while(begin: Any) -> list[Any]:
    """A unit closes; meanwhile something begins there that was checked before the closing is saved."""
    officer = acting(make_officer())
    unit = make_unit()
    lead, person = acting(make_lead(unit)), make_user()
    yesterday = clock.today() - timedelta(days=1)
    facts = {"last_day": yesterday, "successor": None, "reason": "裁撤", "by": officer}
    shut = lambda: unit_life.close(unit=unit, **facts)  # noqa: E731 - an act of one line
    return one_then_other(shut, begin(unit, person, lead), 5, until_it_waits=True)


def appointing(unit: Unit, person: User, lead: Any) -> Any:
    return lambda: appointments.appoint(user=person, unit=unit, role=Role.HANDLER, by=lead)


def entering(unit: Unit, person: User, lead: Any) -> Any:
    facts = PlaceFacts(title="教師", since=clock.today())
    return lambda: places.add_place(person=person, unit=unit, facts=facts, by=lead)


def accepting(unit: Unit, person: User, _lead: Any) -> Any:
    offer = make_offer(unit, person, since=clock.today())
    return lambda: staff.accept(offer=offer, by=teacher(person))


def appointing_many(unit: Unit, person: User, lead: Any) -> Any:
    return lambda: mass_appointments.appoint_all([Appointment(person, unit, Role.HANDLER)], by=lead)


@pytest.mark.parametrize(
    ("begin", "refusal"),
    [
        (appointing, "UnitClosed"),
        (appointing_many, "UnitClosed"),
        (entering, "UnitClosed"),
        (accepting, "OfferAnswered"),
    ],
)
def test_nothing_begins_at_a_unit_that_closes_at_the_moment(begin: Any, refusal: str) -> None:
    assert kinds(closing_while(begin)) == [refusal]


@pytest.mark.parametrize(("begin", "module"), [(appointing, appointments), (entering, places)])
def test_without_the_shared_unit_somebody_begins_there(
    begin: Any, module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "share_unit", lambda unit: unit)
    assert kinds(closing_while(begin)) == []


def unshared(monkeypatch: pytest.MonkeyPatch, module: Any) -> None:
    """Take the guard away: the units are read, and nobody waits for them."""
    monkeypatch.setattr(module, "share_units", lambda ids: Unit.objects.in_bulk(set(ids)))


def test_without_the_shared_units_many_are_appointed_there(monkeypatch: pytest.MonkeyPatch) -> None:
    unshared(monkeypatch, mass_appointments)
    assert kinds(closing_while(appointing_many)) == []


def refused_columns(path: Path, importer: str) -> list[str]:
    """Send a file with one new person while the unit closes; return the columns of its refused rows."""

    def sending(unit: Unit, _person: User, lead: Any) -> Any:
        heading = "姓名,身分證字號,電子郵件,學校代碼,職稱,角色,到職日"
        path.write_text(f"{heading}\n林新進,{NUMBER},new@x.example,{unit.code},教師,,2026/11/24\n")
        if importer == "people":
            return lambda: import_people(path)
        return lambda: import_roster(path, by=lead, dry_run=False).report

    results = closing_while(sending)
    assert kinds(results) == []
    return [row.column for row in results[1].refused]


@pytest.mark.parametrize("importer", ["people", "roster"])
def test_no_file_enters_anybody_at_a_unit_that_closes_at_the_moment(
    importer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refused_columns(tmp_path / "staff.csv", importer) == ["學校代碼"]
    assert not User.objects.filter(name="林新進").exists()
    unshared(monkeypatch, file_turns)
    assert refused_columns(tmp_path / "staff.csv", importer) == []
    assert User.objects.filter(name="林新進").exists()
