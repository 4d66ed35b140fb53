"""Log-ins and other units propose that a place of service begins or ends; the unit decides, and nothing changes before."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import proposals
from accounts.actions.places import PlaceFacts, add_place, end_place
from accounts.actions.proposal_decisions import accept, refuse
from accounts.enums import ProposalSource, RequestState
from accounts.errors import AlreadyDecided, LeavesUnitWithout, MayNotKeepPlaces
from accounts.models import Affiliation, PlaceProposal, Unit, UnitSuccessor, User
from courses.queries import queues
from kit import clock
from notices.models import Notice
from signin.education import propose_places
from tests.factories import (
    acting,
    make_account,
    make_county,
    make_lead,
    make_officer,
    make_operator,
    make_roster_keeper,
    make_unit,
    make_user,
)

pytestmark = pytest.mark.django_db
LOG_IN, MOVE = ProposalSource.LOG_IN, ProposalSource.MOVE


def day(number: int) -> date:
    return clock.today() + timedelta(days=number)


def schools(*codes: str) -> dict[str, Any]:
    return {"titles": [{"schoolid": code, "titles": ["教師", "組長"]} for code in codes]}


def serving(unit: Unit, **fields: Any) -> Affiliation:
    return Affiliation.objects.create(user=make_user(), unit=unit, title="教師", **fields)


def ending(place: Affiliation) -> PlaceProposal:
    [row] = proposals.propose_ends([(place, day(-1))], source=MOVE, by=None)
    return row


def test_a_log_in_proposes_a_place_and_changes_nothing() -> None:
    person, lead = make_user(), make_lead(make_unit("134526"))
    assert propose_places(person, schools("134526")) == 1
    row = PlaceProposal.objects.get()
    assert (row.person, row.unit, row.title, row.is_end) == (person, lead.unit, "教師、組長", False)
    assert not Affiliation.objects.filter(user=person).exists()
    assert Notice.objects.get(kind="place_proposed").recipient == lead.user
    assert propose_places(person, schools("134526")) == 0


def test_a_school_that_the_log_in_does_not_name_ends_nothing_but_is_proposed_to_end() -> None:
    here, gone = serving(make_unit("134526")), make_unit("134527")
    left = Affiliation.objects.create(user=here.user, unit=gone)
    assert propose_places(here.user, schools("134526")) == 1
    left.refresh_from_db()
    assert left.until is None and PlaceProposal.objects.get().place == left


def test_a_log_in_that_still_names_a_merged_school_ends_nothing_at_its_successor() -> None:
    gone, here = make_unit("134527"), serving(make_unit("134526"))
    elsewhere = Affiliation.objects.create(user=here.user, unit=make_unit("134528"), is_concurrent=True)
    UnitSuccessor.objects.create(unit=gone, successor=here.unit, since=day(0))
    Unit.objects.filter(pk=gone.pk).update(until=day(-1))
    assert propose_places(here.user, schools("134527")) == 1
    assert PlaceProposal.objects.get().place == elsewhere


@pytest.mark.parametrize("eduinfo", [None, {}, {"titles": []}, schools("999999")])
def test_a_log_in_that_names_no_known_school_proposes_no_end(eduinfo: Any) -> None:
    assert propose_places(serving(make_unit("134526")).user, eduinfo) == 0


def test_nothing_is_proposed_at_a_unit_that_has_closed() -> None:
    """It would end with a notice each night, and be made again at each log-in."""
    closed, new = make_unit("134526", until=day(-30)), make_unit("134527")
    assert propose_places(make_user(), schools("134526")) == 0
    assert propose_places(serving(closed).user, schools("134527")) == 1
    assert PlaceProposal.objects.get().unit == new


def test_a_new_school_offers_the_former_one_to_end() -> None:
    place, lead = serving(make_unit()), make_lead()
    keeper = make_lead(place.unit)
    add_place(person=place.user, unit=lead.unit, facts=PlaceFacts(since=day(3)), by=acting(lead))
    row = PlaceProposal.objects.get()
    assert (row.place, row.day, row.source) == (place, day(2), MOVE)
    assert Notice.objects.get(kind="place_proposed").recipient == keeper.user
    place.refresh_from_db()
    assert place.until is None


def test_a_concurrent_place_offers_nothing() -> None:
    place, lead = serving(make_unit()), make_lead()
    facts = PlaceFacts(is_concurrent=True, since=day(0))
    add_place(person=place.user, unit=lead.unit, facts=facts, by=acting(lead))
    assert not PlaceProposal.objects.exists()


def test_a_unit_accepts_a_beginning() -> None:
    person, lead = make_user(), make_lead()
    proposals.propose_place(person, lead.unit, title="教師", source=LOG_IN)
    accept(proposal=PlaceProposal.objects.get(), by=acting(lead))
    assert Affiliation.objects.get(user=person).since is None
    row = PlaceProposal.objects.get()
    assert (row.state, row.decided_by) == (RequestState.APPROVED, lead.user)
    assert Notice.objects.filter(kind="place_added", recipient=person).exists()


def test_a_person_who_served_elsewhere_begins_on_the_day_of_the_proposal() -> None:
    person, lead = serving(make_unit()).user, make_lead()
    proposals.propose_place(person, lead.unit, title="教師", source=LOG_IN)
    accept(proposal=PlaceProposal.objects.get(), by=acting(lead))
    assert Affiliation.objects.get(user=person, unit=lead.unit).since == clock.today()


def test_a_unit_accepts_an_end() -> None:
    lead = make_lead()
    place = serving(lead.unit)
    accept(proposal=ending(place), by=acting(lead))
    place.refresh_from_db()
    assert place.until == day(-1)


def test_a_refused_proposal_leaves_the_list_and_is_not_made_again_this_school_year() -> None:
    lead = make_lead()
    place = serving(lead.unit)
    refuse(proposal=ending(place), by=acting(lead))
    place.refresh_from_db()
    assert place.until is None and Notice.objects.filter(kind="place_refused").exists()
    assert proposals.propose_ends([(place, day(-1))], source=LOG_IN, by=None) == []
    PlaceProposal.objects.update(decided_at=clock.now() - timedelta(days=365))
    assert proposals.propose_ends([(place, day(-1))], source=LOG_IN, by=None)


def test_the_last_lead_leaves_by_a_proposal_only_when_confirmed() -> None:
    lead = make_lead()
    officer = make_officer()
    second = make_lead(lead.unit)
    row = ending(second.user.affiliations.get())
    second.delete()
    place = serving(lead.unit)
    make_account(lead.unit, place.user)
    last = ending(place)
    with pytest.raises(MayNotKeepPlaces):
        accept(proposal=row, by=acting(officer))
    with pytest.raises(LeavesUnitWithout):
        accept(proposal=last, by=acting(lead))
    assert accept(proposal=last, by=acting(lead), confirmed=True).state == RequestState.APPROVED


def test_a_proposal_is_decided_once() -> None:
    lead = make_lead()
    row = ending(serving(lead.unit))
    refuse(proposal=row, by=acting(lead))
    with pytest.raises(AlreadyDecided):
        refuse(proposal=row, by=acting(lead))
    with pytest.raises(AlreadyDecided):
        accept(proposal=row, by=acting(lead))
    assert row.place and Affiliation.objects.get(pk=row.place.pk).until is None


@pytest.mark.parametrize("make", [make_account, make_lead, lambda: make_officer(make_county("臺東縣"))])
def test_nobody_decides_for_another_unit_or_about_oneself(make: Any) -> None:
    lead = make_lead()
    strange, own = ending(serving(lead.unit)), ending(lead.user.affiliations.get())
    for row, by in ((strange, make()), (own, lead)):
        for act in (accept, refuse):
            with pytest.raises(MayNotKeepPlaces):
                act(proposal=row, by=acting(by), **({"confirmed": True} if act is accept else {}))


def test_an_end_by_the_unit_itself_settles_the_proposal() -> None:
    lead = make_lead()
    place = serving(lead.unit)
    row = ending(place)
    end_place(place=place, by=acting(lead))
    row.refresh_from_db()
    assert row.state == RequestState.TAKEN_BACK


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_page_asks_before_the_last_handler_leaves() -> None:
    lead = make_lead()
    handler = make_account(lead.unit)
    row = ending(handler.user.affiliations.get())
    client, path = client_of(lead.user), reverse("accounts:decide_proposal", args=[row.pk])
    assert handler.user.name in client.get(reverse("accounts:proposals")).content.decode()
    page = client.post(path, {"decision": "accept"}).content.decode()
    assert "最後一位業務承辦人" in page and handler.user.affiliations.get().until is None
    client.post(path, {"decision": "accept", "confirmed": "1"})
    assert handler.user.affiliations.get().until == day(-1)
    assert "目前沒有" in client.get(reverse("accounts:proposals")).content.decode()


def test_the_page_costs_the_same_for_one_and_for_many(django_assert_max_num_queries: Any) -> None:
    lead = make_lead()
    client = client_of(lead.user)
    for number in (1, 20):
        for _ in range(number):
            ending(serving(lead.unit))
        with django_assert_max_num_queries(12):
            client.get(reverse("accounts:proposals"))


def test_who_keeps_the_list_is_notified_but_not_the_person() -> None:
    keeper = make_roster_keeper()
    lead = make_lead(keeper.unit)
    proposals.propose_place(lead.user, keeper.unit, title="教師", source=LOG_IN)
    assert [notice.recipient for notice in Notice.objects.filter(kind="place_proposed")] == [keeper.user]


def test_a_page_from_before_does_not_decide_what_the_list_has_settled() -> None:
    lead = make_lead()
    place = serving(lead.unit)
    [row] = proposals.propose_ends([(place, day(3))], source=MOVE, by=None)
    end_place(place=place, by=acting(lead), last_day=day(30))
    with pytest.raises(AlreadyDecided):
        accept(proposal=row, by=acting(lead))
    place.refresh_from_db()
    assert place.until == day(30)


def test_a_decision_that_is_neither_decides_nothing(client: Client) -> None:
    lead = make_lead()
    [row] = proposals.propose_place(make_user(), lead.unit, title="教師", source=LOG_IN)
    client.force_login(lead.user)
    client.post(reverse("accounts:decide_proposal", args=[row.pk]), {"decision": "later"})
    row.refresh_from_db()
    assert row.state == RequestState.PENDING


def test_without_a_lead_the_county_is_notified_once_a_day_and_finds_it_among_what_waits() -> None:
    officer, unit, other = make_officer(), make_unit(), make_unit()
    for place in (serving(unit), serving(unit), serving(other)):
        ending(place)
    notice = Notice.objects.get(kind="proposals_waiting")
    assert notice.recipient == officer.user and unit.name in notice.body
    assert not Notice.objects.filter(kind="place_proposed").exists()
    lead = make_lead(other)
    assert queues.of_staff(acting(officer))["proposals"].count == 2
    assert queues.of_staff(acting(lead))["proposals"].count == 1
    assert queues.of_unit(acting(lead))["proposals"].count == 1


def test_a_roster_keeper_is_notified_and_the_operator_where_no_county_is() -> None:
    keeper, operator = make_roster_keeper(), make_operator()
    ending(serving(keeper.unit))
    assert Notice.objects.get(kind="place_proposed").recipient == keeper.user
    far = make_unit(county=make_county("臺東縣"))
    ending(serving(far))
    assert Notice.objects.get(kind="proposals_waiting").recipient == operator.user
    assert queues.of_operator(acting(operator))["proposals"].count == 0
    ending(serving(make_unit(county=None, kind="university", level="none")))
    assert queues.of_operator(acting(operator))["proposals"].count == 1


def test_the_pages_say_how_much_waits(client: Client) -> None:
    officer, lead = make_officer(), make_lead()
    ending(serving(lead.unit)), ending(serving(make_unit()))
    for account, path in (
        (lead, reverse("courses:unit_home")),
        (lead, reverse("accounts:staff")),
        (officer, reverse("courses:county")),
    ):
        client.force_login(account.user)
        page = client.get(path).content.decode()
        assert re.search(r"<strong>1</strong>", page), path


def test_a_place_that_is_over_proposes_no_end_elsewhere() -> None:
    place, lead = serving(make_unit()), make_lead()
    facts = PlaceFacts(title="教師", since=day(-900), until=day(-1))
    add_place(person=place.user, unit=lead.unit, facts=facts, by=acting(lead))
    assert not PlaceProposal.objects.exists()
