"""A place of service: since when, until when, and what ends with it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from accounts.actions import appointments, closing_people
from accounts.actions.places import PlaceFacts, add_place, correct_place, end_place
from accounts.enums import AccountState, Role
from accounts.errors import (
    AlreadyServes,
    LastOperator,
    LeavesUnitWithout,
    MayNotKeepPlaces,
    PersonIsClosed,
    PlaceEnded,
    PlaceEndsBeforeStart,
    ServesNoLonger,
    SubstituteNeedsLastDay,
    UnitClosed,
)
from accounts.models import Affiliation, BusinessAccount
from accounts.queries.places import free_days
from audit.models import AuditEvent
from checks import invariants
from kit import clock
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
    teacher,
)

pytestmark = pytest.mark.django_db


def day(number: int) -> date:
    return clock.today() + timedelta(days=number)


def place_of(account: BusinessAccount) -> Affiliation:
    return Affiliation.objects.get(user=account.user, unit=account.unit)


def test_a_place_counts_from_its_first_to_its_last_day() -> None:
    place = Affiliation.objects.create(user=make_user(), unit=make_unit(), since=day(0), until=day(1))
    found = [number for number in (-1, 0, 1, 2) if Affiliation.objects.serving(on=day(number)).exists()]
    assert found == [0, 1] == [number for number in (-1, 0, 1, 2) if place.is_serving(day(number))]


def test_empty_days_are_always() -> None:
    Affiliation.objects.create(user=make_user(), unit=make_unit())
    assert (
        Affiliation.objects.serving(on=date(1990, 1, 1)).exists() and Affiliation.objects.serving().exists()
    )


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        ((None, None), (None, None), True),
        ((None, 0), (1, None), False),
        ((None, 0), (0, None), True),
        ((0, 5), (2, 3), True),
        ((0, 5), (-3, -1), False),
        ((0, 5), (5, 9), True),
        ((0, 0), (0, 0), True),
        ((3, None), (None, 2), False),
        ((3, None), (None, 3), True),
    ],
)
def test_the_database_refuses_two_places_that_share_a_day(
    first: tuple[Any, Any], second: tuple[Any, Any], overlap: bool
) -> None:
    person, unit = make_user(), make_unit()

    def create(days: tuple[Any, Any]) -> None:
        since, until = (None if number is None else day(number) for number in days)
        Affiliation.objects.bulk_create([Affiliation(user=person, unit=unit, since=since, until=until)])

    create(first)
    known = Affiliation.objects.overlapping(*(None if n is None else day(n) for n in second)).exists()
    assert known == overlap
    if not overlap:
        create(second)
        return
    with pytest.raises(DatabaseError, match="accounts_places_overlap"), transaction.atomic():
        create(second)


def test_the_database_refuses_to_move_a_place_onto_another() -> None:
    person, unit = make_user(), make_unit()
    Affiliation.objects.create(user=person, unit=unit, until=day(0))
    later = Affiliation.objects.create(user=person, unit=unit, since=day(1))
    with pytest.raises(DatabaseError, match="accounts_places_overlap"), transaction.atomic():
        Affiliation.objects.filter(pk=later.pk).update(since=day(0))


def test_a_lead_adds_a_place_with_record_and_notice() -> None:
    lead, person = make_lead(), make_user()
    facts = PlaceFacts(title="主任", post="教務主任", since=day(0))
    place = add_place(person=person, unit=lead.unit, facts=facts, by=acting(lead))
    assert (place.rank, place.post, place.since) == (20, "教務主任", day(0))
    event = AuditEvent.objects.get(action="affiliation.added")
    assert event.after["since"] == day(0).isoformat() and event.unit_id == lead.unit_id
    assert Notice.objects.get(kind="place_added").recipient == person


@pytest.mark.parametrize("make", [make_account, make_lead, lambda: make_officer(make_county("臺東縣"))])
def test_nobody_keeps_the_places_of_another_unit(make: Any) -> None:
    place, by = Affiliation.objects.create(user=make_user(), unit=make_unit()), acting(make())
    handler_here = make_account(place.unit)
    for act in (
        lambda: add_place(person=make_user(), unit=place.unit, facts=PlaceFacts(), by=by),
        lambda: correct_place(place=place, facts=PlaceFacts(title="主任"), by=by),
        lambda: end_place(place=place, by=by),
        lambda: end_place(place=place, by=teacher(place.user)),
        lambda: end_place(place=place, by=acting(handler_here)),
    ):
        with pytest.raises(MayNotKeepPlaces):
            act()


def test_the_county_keeps_the_places_of_units_without_a_lead() -> None:
    place, officer = Affiliation.objects.create(user=make_user(), unit=make_unit()), acting(make_officer())
    lead = make_lead(place.unit)
    with pytest.raises(MayNotKeepPlaces):
        end_place(place=place, by=officer)
    BusinessAccount.objects.filter(pk=lead.pk).update(suspended_at=clock.now())
    assert end_place(place=place, by=officer).until == day(-1)


def test_a_place_must_not_end_before_it_begins() -> None:
    lead = make_lead()
    facts = PlaceFacts(since=day(0), until=day(-1))
    with pytest.raises(PlaceEndsBeforeStart):
        add_place(person=make_user(), unit=lead.unit, facts=facts, by=acting(lead))
    place = Affiliation.objects.create(user=make_user(), unit=lead.unit, since=day(0))
    with pytest.raises(PlaceEndsBeforeStart):
        end_place(place=place, by=acting(lead), last_day=day(-1))
    with pytest.raises(PlaceEndsBeforeStart):
        correct_place(place=place, facts=facts, by=acting(lead))


def test_a_substitute_has_a_last_day() -> None:
    lead = make_lead()
    facts = PlaceFacts(is_substitute=True)
    with pytest.raises(SubstituteNeedsLastDay):
        add_place(person=make_user(), unit=lead.unit, facts=facts, by=acting(lead))
    kept = add_place(person=make_user(), unit=lead.unit, facts=replace(facts, until=day(30)), by=acting(lead))
    assert kept.is_substitute


def test_a_person_who_serves_here_is_not_added_again() -> None:
    lead, person = make_lead(), make_user()
    Affiliation.objects.create(user=person, unit=lead.unit, since=day(-9), until=day(9))
    with pytest.raises(AlreadyServes) as refused:
        add_place(person=person, unit=lead.unit, facts=PlaceFacts(since=day(9)), by=acting(lead))
    assert person.name in refused.value.message and clock.to_roc(day(9)) in refused.value.message
    assert add_place(person=person, unit=lead.unit, facts=PlaceFacts(since=day(10)), by=acting(lead))


def test_a_correction_is_recorded_and_notified_old_and_new() -> None:
    lead, person = make_lead(), make_user()
    place = Affiliation.objects.create(user=person, unit=lead.unit, title="教師")
    facts = PlaceFacts(title="組長", since=day(-9))
    assert correct_place(place=place, facts=facts, by=acting(lead)).rank == 30
    event = AuditEvent.objects.get(action="affiliation.changed")
    assert (event.before["title"], event.after["title"]) == ("教師", "組長") and "post" not in event.after
    assert Notice.objects.get(kind="place_corrected").recipient == person
    correct_place(place=place, facts=facts, by=acting(lead))
    assert AuditEvent.objects.filter(action="affiliation.changed").count() == 1


def test_another_order_alone_sends_nothing() -> None:
    lead = make_lead()
    place = Affiliation.objects.create(user=make_user(), unit=lead.unit)
    correct_place(place=place, facts=PlaceFacts(order=3), by=acting(lead))
    assert AuditEvent.objects.filter(action="affiliation.changed").exists()
    assert not Notice.objects.filter(kind="place_corrected").exists()


def test_a_correction_does_not_reach_into_another_place() -> None:
    lead, person = make_lead(), make_user()
    place = Affiliation.objects.create(user=person, unit=lead.unit, until=day(-9))
    Affiliation.objects.create(user=person, unit=lead.unit, since=day(-8))
    with pytest.raises(AlreadyServes):
        correct_place(place=place, facts=PlaceFacts(until=day(-8)), by=acting(lead))


def test_the_accounts_of_a_place_end_with_it() -> None:
    handler = make_account()
    lead = make_lead(handler.unit)
    make_account(handler.unit)
    elsewhere = make_account(user=handler.user)
    make_course(handler)
    end_place(place=place_of(handler), by=acting(lead), reason="調校")
    handler.refresh_from_db()
    assert handler.state() == AccountState.ENDED and handler.valid_until == day(-1)
    elsewhere.refresh_from_db()
    assert elsewhere.state() == AccountState.ACTIVE
    notice = Notice.objects.get(kind="place_ended")
    assert handler.number in notice.body and elsewhere.number not in notice.body
    assert "1 門" in notice.body
    assert not invariants.accounts_outliving_places()


def test_a_future_last_day_keeps_the_person_and_the_account_until_then() -> None:
    handler = make_account()
    lead = make_lead(handler.unit)
    make_account(handler.unit)
    end_place(place=place_of(handler), by=acting(lead), last_day=day(7))
    handler.refresh_from_db()
    assert handler.is_active(day(7)) and not handler.is_active(day(8)) and handler.ended_at is None
    assert Affiliation.objects.serving().filter(user=handler.user).exists()
    assert not invariants.accounts_outliving_places()


def test_an_account_stays_where_the_next_place_at_the_unit_goes_on() -> None:
    handler = make_account()
    lead, place = make_lead(handler.unit), place_of(handler)
    Affiliation.objects.filter(pk=place.pk).update(until=day(5))
    Affiliation.objects.create(user=handler.user, unit=handler.unit, since=day(6))
    end_place(place=place, by=acting(lead), last_day=day(2))
    handler.refresh_from_db()
    assert handler.valid_until is None


def test_an_account_of_later_begins_no_more_when_the_place_ends_before() -> None:
    handler = make_account(valid_from=day(9))
    lead = make_lead(handler.unit)
    make_account(handler.unit)
    end_place(place=place_of(handler), by=acting(lead), last_day=day(3))
    handler.refresh_from_db()
    assert handler.state() == AccountState.ENDED and not handler.is_active(day(9))


def test_a_correction_of_the_last_day_ends_accounts_too() -> None:
    handler = make_account()
    lead = make_lead(handler.unit)
    make_account(handler.unit)
    correct_place(place=place_of(handler), facts=PlaceFacts(title="教師", until=day(4)), by=acting(lead))
    handler.refresh_from_db()
    assert handler.valid_until == day(4)


@pytest.mark.parametrize(
    ("roles", "says"),
    [
        ([Role.UNIT_LEAD, Role.HANDLER], LeavesUnitWithout.LEAD),
        ([Role.HANDLER, Role.UNIT_LEAD], LeavesUnitWithout.HANDLER),
        ([Role.UNIT_LEAD], LeavesUnitWithout.BOTH),
    ],
)
def test_the_last_lead_or_handler_ends_only_when_that_is_confirmed(roles: list[Role], says: Any) -> None:
    unit, operator = make_unit(), make_operator()
    leaving, *_others = [make_account(unit, role=role) for role in roles]
    with pytest.raises(LeavesUnitWithout) as question:
        end_place(place=place_of(leaving), by=acting(operator))
    assert question.value.message == says % {"name": leaving.user.name}
    leaving.refresh_from_db()
    assert leaving.is_active() and place_of(leaving).until is None
    end_place(place=place_of(leaving), by=acting(operator), confirmed=True)
    leaving.refresh_from_db()
    assert not leaving.is_active()


def test_a_suspended_lead_does_not_count_as_one_who_stays() -> None:
    unit, operator = make_unit(), acting(make_operator())
    leaving, other = make_lead(unit), make_lead(unit)
    appointments.suspend(account=other, by=operator, reason="借調")
    with pytest.raises(LeavesUnitWithout):
        end_place(place=place_of(leaving), by=operator)


def test_a_place_that_has_ended_is_corrected_not_ended() -> None:
    lead = make_lead()
    place = Affiliation.objects.create(user=make_user(), unit=lead.unit, until=day(-1))
    with pytest.raises(PlaceEnded):
        end_place(place=place, by=acting(lead))


def test_the_last_operator_does_not_leave() -> None:
    operator = make_operator()
    with pytest.raises(LastOperator):
        end_place(place=place_of(operator), by=acting(operator), confirmed=True)


def test_a_new_account_lasts_no_longer_than_the_service() -> None:
    lead, person = make_lead(), make_user()
    Affiliation.objects.create(user=person, unit=lead.unit, until=day(30))
    facts: Any = {"user": person, "unit": lead.unit, "role": Role.HANDLER, "by": acting(lead)}
    with pytest.raises(ServesNoLonger):
        appointments.appoint(**facts, valid_until=day(31))
    assert appointments.appoint(**facts).valid_until == day(30)
    Affiliation.objects.filter(user=person).update(until=day(-1))
    with pytest.raises(ServesNoLonger):
        appointments.appoint(**facts | {"role": Role.UNIT_LEAD})


@pytest.mark.parametrize("act", [correct_place, end_place])
def test_a_place_of_a_closed_person_lasts_no_longer(act: Any) -> None:
    lead, person = make_lead(), make_user()
    place = Affiliation.objects.create(user=person, unit=lead.unit, title="教師")
    closing_people.close(person=person, because="retired", by=acting(make_operator()), reason="退休")
    longer = {"facts": PlaceFacts("教師")} if act is correct_place else {"last_day": day(9)}
    with pytest.raises(PersonIsClosed):
        act(place=place, by=acting(lead), **longer)
    correct_place(place=place, facts=PlaceFacts("導師", until=day(-1)), by=acting(lead))
    place.refresh_from_db()
    assert (place.title, place.until) == ("導師", day(-1))


def test_a_place_lasts_no_longer_at_a_unit_that_has_closed() -> None:
    unit = make_unit(until=day(-5))
    place = Affiliation.objects.create(user=make_user(), unit=unit, until=day(-7))
    by = acting(make_operator())
    for until in (None, day(-4)):
        with pytest.raises(UnitClosed):
            correct_place(place=place, facts=PlaceFacts("教師", until=until), by=by)
    correct_place(place=place, facts=PlaceFacts("教師", until=day(-5)), by=by)
    stays = Affiliation.objects.create(user=make_user(), unit=unit)
    correct_place(place=stays, facts=PlaceFacts("導師"), by=by)


@pytest.mark.parametrize(
    ("since", "until", "places", "free"),
    [
        (0, None, [], [(0, None)]),
        (0, None, [(None, None)], []),
        (0, None, [(None, 5)], [(6, None)]),
        (0, None, [(3, None)], [(0, 2)]),
        (0, 9, [(3, 4), (6, 9)], [(0, 2), (5, 5)]),
        (0, 9, [(0, 0), (9, 9)], [(1, 8)]),
        (0, 9, [(-3, -1), (10, None)], [(0, 9)]),
        (1, 0, [], []),
    ],
)
def test_the_days_that_no_place_covers(since: int, until: int | None, places: Any, free: Any) -> None:
    def days(pair: tuple[int | None, int | None]) -> tuple[date | None, ...]:
        return tuple(None if number is None else day(number) for number in pair)

    rows = [Affiliation(since=first, until=last) for first, last in map(days, places)]
    assert free_days(day(since), days((None, until))[1], rows[::-1]) == [days(pair) for pair in free]
