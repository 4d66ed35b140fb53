"""A unit closes, opens again, is merged or split: what stays, what moves, what is refused."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.acting import Actor
from accounts.actions import applications, appointments, proposals, units
from accounts.enums import ProposalSource, Role
from accounts.errors import (
    BeginsAfterEnd,
    ChangedMeanwhile,
    ClosesAhead,
    ClosesBeforeStart,
    MayNotKeepUnit,
    NotOwnUnit,
    ReasonNeeded,
    SuccessorNeeded,
    UnitClosed,
    UnitNotClosed,
)
from accounts.models import (
    AccountApplication,
    Affiliation,
    BusinessAccount,
    JoinRequest,
    PlaceOffer,
    PlaceProposal,
    Unit,
    User,
)
from accounts.unit_pages import unit_page
from audit.models import AuditEvent
from checks import invariants
from courses.actions import campaigns, enrolments, lights, registration, unit_life
from courses.actions.campaigns import CampaignFacts
from courses.actions.unit_life import Step
from courses.errors import NoReceiver, RegisteredAfterwards
from courses.models import CampaignUnit, Course, TransferRequest, UnitLight
from courses.queries.campaigns import asked_of
from courses.queries.unit_life import effects, left_at, places_moving
from hours.models import Closing
from kit import clock
from kit.errors import Refusal
from notices.models import Notice
from tests.factories import (
    acting,
    close,
    make_account,
    make_county,
    make_course,
    make_enrolment,
    make_join_request,
    make_lead,
    make_offer,
    make_officer,
    make_unit,
    make_user,
    overdue_courses,
    teacher,
)

pytestmark = pytest.mark.django_db


def shut(unit: Unit, by: Actor | None = None, **facts: Any) -> Unit:
    facts = {"last_day": clock.today() - timedelta(days=1), "successor": None, "reason": "停辦"} | facts
    return unit_life.close(unit=unit, by=by or acting(make_officer()), **facts)


def old_course(account: BusinessAccount, **facts: Any) -> Course:
    """A course that was registered long ago."""
    return make_course(account, registered_at=clock.now() - timedelta(days=90), **facts)


def test_a_closed_unit_registers_nothing_and_gives_no_account() -> None:
    account = make_account()
    draft = make_course(account, state="draft")
    shut(account.unit)
    with pytest.raises(UnitClosed):
        registration.register(course=draft, by=acting(account))
    with pytest.raises(UnitClosed):
        registration.copy(course=draft, by=acting(account))
    with pytest.raises(UnitClosed):
        appointments.appoint(
            user=make_user(),
            unit=Unit.objects.get(pk=account.unit_id),
            role="handler",
            by=acting(make_officer()),
        )


def test_the_notice_of_the_end_leads_each_reader_to_a_page_of_the_own_hat() -> None:
    handler = make_account()
    keeper = make_account(handler.unit, role="roster")
    both = make_account(handler.unit, user=make_account(handler.unit, role="roster").user)
    shut(handler.unit)
    paths = dict(Notice.objects.filter(kind="unit_closed").values_list("recipient", "path"))
    home, of_hat = (unit_page(route, handler.unit_id) for route in ("courses:unit_home", "home"))
    assert paths == {handler.user_id: home, both.user_id: home, keeper.user_id: of_hat}


def test_enrolments_and_closings_go_on_and_closed_courses_stay() -> None:
    account = make_account()
    upcoming, over = old_course(account), old_course(account, ago=5)
    make_enrolment(over)
    shut(account.unit)
    enrolments.enrol(code=upcoming.code, by=teacher(make_user()))
    close(over)
    over.refresh_from_db()
    assert over.unit == account.unit and Closing.objects.filter(course=over).exists()


def test_until_its_last_day_a_unit_registers_as_before() -> None:
    account = make_account()
    draft = make_course(account, state="draft")
    shut(account.unit, last_day=clock.today())
    registration.register(course=draft, by=acting(account))


def test_closing_is_recorded_and_its_people_are_notified() -> None:
    lead, successor = make_lead(), make_unit(name="縣立承接國中")
    shut(lead.unit, successor=successor)
    event = AuditEvent.objects.get(action="unit.closed")
    assert event.reason == "停辦" and "縣立承接國中" in event.after["successor"]
    notice = Notice.objects.get(kind="unit_closed", recipient=lead.user)
    assert "縣立承接國中" in notice.body


def before_its_start(unit: Unit) -> dict[str, Any]:
    Unit.objects.filter(pk=unit.pk).update(since=clock.today())
    return {}


def before_a_course(unit: Unit) -> dict[str, Any]:
    make_course(make_account(unit))
    return {}


REFUSED: list[tuple[Any, type[Refusal]]] = [
    (lambda unit: {"reason": " "}, ReasonNeeded),
    (before_its_start, ClosesBeforeStart),
    (before_a_course, RegisteredAfterwards),
    (lambda unit: {"successor": unit}, SuccessorNeeded),
    (lambda unit: {"successor": shut(make_unit())}, UnitClosed),
    (
        lambda unit: {
            "last_day": clock.today() + timedelta(days=9),
            "successor": shut(make_unit(), last_day=clock.today() + timedelta(days=9)),
        },
        UnitClosed,
    ),
    (lambda unit: {"by": acting(make_lead(unit))}, MayNotKeepUnit),
    (lambda unit: {"by": acting(make_officer(make_county("花蓮縣")))}, MayNotKeepUnit),
]


@pytest.mark.parametrize(("scene", "refusal"), REFUSED)
def test_closing_is_refused(scene: Any, refusal: type[Refusal]) -> None:
    unit = make_unit()
    facts = scene(unit)
    with pytest.raises(refusal):
        shut(unit, **facts)
    unit.refresh_from_db()
    assert unit.until is None


def test_nobody_closes_the_own_unit() -> None:
    officer = make_officer()
    with pytest.raises(NotOwnUnit):
        shut(officer.unit, by=acting(officer))


def test_a_unit_opens_again_with_a_reason() -> None:
    unit, officer = make_unit(), acting(make_officer())
    with pytest.raises(UnitNotClosed):
        unit_life.reopen(unit=unit, reason="誤植", by=officer)
    shut(unit, successor=make_unit())
    with pytest.raises(ReasonNeeded):
        unit_life.reopen(unit=unit, reason="", by=officer)
    unit_life.reopen(unit=unit, reason="誤植", by=officer)
    unit.refresh_from_db()
    assert unit.until is None and not unit.successions.exists()


def test_the_first_day_of_a_closed_unit_does_not_follow_its_last() -> None:
    unit = shut(make_unit())
    facts = {name: getattr(unit, name) for name in units.FIELDS} | {"since": clock.today()}
    with pytest.raises(BeginsAfterEnd):
        units.change(unit=unit, facts=facts, seen=units.mark(unit), by=acting(make_officer()))


class Merger:
    """A unit with a handler, a lead who has left, and courses of both; a successor with a lead."""

    def __init__(self) -> None:
        self.unit, self.successor = make_unit(name="縣立舊國中"), make_unit(name="縣立新國中")
        self.handler = make_account(self.unit)
        self.gone = make_account(self.unit, valid_until=clock.today() - timedelta(days=30))
        self.host = make_lead(self.successor)
        self.course = old_course(self.handler)
        self.draft = make_course(self.handler, state="draft")
        self.orphan = old_course(self.gone, ago=3)
        self.officer = acting(make_officer())
        self.steps = {
            self.handler.pk: Step(self.successor, (self.handler.user_id, self.successor.pk)),
            self.gone.pk: Step(None, (self.host.user_id, self.successor.pk)),
        }

    def run(self, **facts: Any) -> list[TransferRequest]:
        left, steps = left_at(self.unit), facts.get("steps", self.steps)
        facts = {
            "unit": self.unit,
            "successors": [self.successor],
            "steps": steps,
            "last_day": clock.today() - timedelta(days=1),
            "reason": "裁併",
            "seen": unit_life.mark(self.unit, left, steps, facts.get("people_to")),
            "by": self.officer,
        } | facts
        return unit_life.dissolve(**facts)


@pytest.fixture
def merger() -> Merger:
    return Merger()


def test_a_merger_moves_unclosed_courses_and_drafts_to_new_appointments(merger: Merger) -> None:
    closed = old_course(merger.handler, ago=20)
    make_enrolment(closed)
    close(closed)
    rows = merger.run()
    new = BusinessAccount.objects.get(unit=merger.successor, user=merger.handler.user)
    for course, account in ((merger.course, new), (merger.draft, new), (merger.orphan, merger.host)):
        course.refresh_from_db()
        assert (course.handler, course.unit) == (account, merger.successor)
    closed.refresh_from_db()
    assert (closed.handler, closed.unit) == (merger.handler, merger.unit)
    assert len(rows) == 3 and {row.state for row in rows} == {"approved"}
    # Nothing was left behind of which somebody would have to be notified.
    assert not Notice.objects.filter(kind="courses_left").exists()


def test_accounts_end_and_are_newly_numbered_never_handed_over(merger: Merger) -> None:
    merger.run()
    merger.handler.refresh_from_db()
    new = BusinessAccount.objects.get(unit=merger.successor, user=merger.handler.user)
    assert merger.handler.has_ended() and merger.handler.unit == merger.unit
    assert new.number != merger.handler.number and new.role == merger.handler.role


def test_a_merger_is_recorded_for_the_unit_and_for_each_course(merger: Merger) -> None:
    merger.run()
    event = AuditEvent.objects.get(action="unit.dissolved")
    assert (event.after["courses"], event.after["accounts"]) == (3, 1)
    moved = AuditEvent.objects.filter(action="course.transfer")
    assert moved.count() == 3 and all("縣立新國中" in row.after["unit"] for row in moved)
    assert Notice.objects.filter(kind="transfer_approved", recipient=merger.host.user).exists()


def test_the_successor_is_found_from_the_unit_and_the_courses_under_both_names(merger: Merger) -> None:
    merger.run()
    merger.unit.refresh_from_db()
    assert merger.unit.has_closed()
    assert [row.successor for row in merger.unit.successions.all()] == [merger.successor]
    merger.course.refresh_from_db()
    assert "縣立舊國中" in merger.course.search_text and "縣立新國中" in merger.course.search_text


def test_the_light_follows_the_courses_as_the_preview_said(merger: Merger) -> None:
    for course in overdue_courses(merger.handler, 5):
        Course.objects.filter(pk=course.pk).update(registered_at=clock.now() - timedelta(days=90))
    lights.refresh()
    moves = {course.pk: merger.successor.pk for course in left_at(merger.unit).courses}
    [effect] = effects(merger.unit, moves, [merger.successor])
    assert (effect.before, effect.after, effect.colour_after) == (0, 5, "red")
    merger.run()
    found = {
        row.unit_id: (row.overdue, row.colour) for row in UnitLight.objects.filter(year=clock.this_year())
    }
    assert found[merger.successor.pk] == (5, "red") and found[merger.unit.pk] == (0, "green")


def test_a_split_sends_each_course_where_it_was_planned(merger: Merger) -> None:
    second = make_lead(make_unit(name="縣立分校"))
    steps = merger.steps | {merger.gone.pk: Step(None, (second.user_id, second.unit_id))}
    merger.run(successors=[merger.successor, second.unit], steps=steps)
    merger.orphan.refresh_from_db()
    merger.course.refresh_from_db()
    assert (merger.orphan.unit, merger.course.unit) == (second.unit, merger.successor)
    assert merger.unit.successions.count() == 2


def test_a_pending_request_of_a_moved_course_ends(merger: Merger) -> None:
    colleague = make_account(merger.unit)
    row = TransferRequest.objects.create(
        course=merger.orphan,
        from_account=merger.gone,
        to_account=colleague,
        stated_code="1",
        stated_title="t",
        stated_name="n",
        stated_account="a",
        reason="接辦",
        requested_by=colleague.user,
        requested_at=clock.now(),
    )
    merger.run(steps=merger.steps | {colleague.pk: Step()})
    row.refresh_from_db()
    assert row.state == "ended"


def test_a_person_with_an_account_at_the_successor_gets_no_second_one(merger: Merger) -> None:
    held = make_account(merger.successor, merger.handler.user)
    merger.run()
    assert BusinessAccount.objects.filter(unit=merger.successor, user=merger.handler.user).get() == held


def test_the_people_go_on_at_the_successor_with_title_and_days(merger: Merger) -> None:
    day, last = clock.today(), clock.today() - timedelta(days=1)
    chief = Affiliation.objects.create(user=make_user(), unit=merger.unit, title="組長", rank=30, order=3)
    replaces = Affiliation.objects.create(
        user=make_user(), unit=merger.unit, title="教師", until=day + timedelta(days=60), is_substitute=True
    )
    comes = Affiliation.objects.create(user=make_user(), unit=merger.unit, since=day + timedelta(days=9))
    has_left = Affiliation.objects.create(user=make_user(), unit=merger.unit, until=last)
    both = Affiliation.objects.create(user=make_user(), unit=merger.unit)
    there = Affiliation.objects.create(user=both.user, unit=merger.successor)
    proposal = PlaceProposal.objects.create(
        person=make_user(), unit=merger.unit, day=day, source="move", requested_at=clock.now()
    )
    left = left_at(merger.unit)
    people = places_moving(left, {}, merger.successor)
    assert effects(merger.unit, {}, [merger.successor], people)[0].people == left.people == 6
    merger.run(people_to=merger.successor)
    new = Affiliation.objects.get(user=chief.user, unit=merger.successor)
    assert (new.title, new.rank, new.order, new.since, new.until) == ("組長", 30, None, day, None)
    chief.refresh_from_db()
    assert chief.until == last
    new = Affiliation.objects.get(user=replaces.user, unit=merger.successor)
    assert new.is_substitute and new.until == day + timedelta(days=60)
    assert Affiliation.objects.get(user=comes.user, unit=merger.successor).since == comes.since
    assert Affiliation.objects.filter(user=both.user, unit=merger.successor).get() == there
    assert not Affiliation.objects.filter(user=has_left.user, unit=merger.successor).exists()
    proposal.refresh_from_db()
    assert proposal.state == "taken_back"
    ended = Notice.objects.get(kind="proposal_ended", recipient=proposal.person)
    assert str(clock.to_roc(last)) in ended.body
    assert Notice.objects.filter(kind="place_added", recipient=chief.user).exists()
    assert AuditEvent.objects.get(action="unit.dissolved").after["people"] == 6
    assert not invariants.accounts_outliving_places() and not invariants.places_overlapping()


def test_the_people_go_on_for_the_days_without_a_place_at_the_successor(merger: Merger) -> None:
    day, last = clock.today(), clock.today() + timedelta(days=40)
    both = Affiliation.objects.create(user=make_user(), unit=merger.unit)
    Affiliation.objects.create(user=both.user, unit=merger.successor, until=last, is_concurrent=True)
    leaves = Affiliation.objects.create(user=make_user(), unit=merger.unit, until=day)
    merger.run(people_to=merger.successor, last_day=day)
    there = Affiliation.objects.filter(user=both.user, unit=merger.successor).order_by("pk")
    assert [(row.since, row.until) for row in there] == [(None, last), (last + timedelta(days=1), None)]
    assert not Affiliation.objects.filter(user=leaves.user, unit=merger.successor).exists()


def test_who_is_newly_appointed_serves_there_and_the_account_lasts_no_longer(merger: Merger) -> None:
    second = make_unit(name="縣立分校")
    Affiliation.objects.filter(user=merger.handler.user).update(until=clock.today() + timedelta(days=20))
    other = Affiliation.objects.create(user=make_user(), unit=merger.unit)
    merger.run(successors=[merger.successor, second], people_to=second)
    assert Affiliation.objects.get(user=other.user, unit=second)
    new = BusinessAccount.objects.get(user=merger.handler.user, unit=merger.successor)
    assert new.valid_until == clock.today() + timedelta(days=20)


def test_a_merger_whose_staff_has_changed_is_shown_again(merger: Merger) -> None:
    seen = unit_life.mark(merger.unit, left_at(merger.unit), merger.steps, merger.successor)
    Affiliation.objects.create(user=make_user(), unit=merger.unit)
    with pytest.raises(ChangedMeanwhile):
        merger.run(people_to=merger.successor, seen=seen)


PLANS: list[tuple[Any, type[Refusal]]] = [
    (lambda m: {"last_day": clock.today() + timedelta(days=1)}, ClosesAhead),
    (lambda m: {"reason": ""}, ReasonNeeded),
    (lambda m: {"successors": []}, SuccessorNeeded),
    (lambda m: {"successors": [m.unit]}, SuccessorNeeded),
    (lambda m: {"seen": "x"}, ChangedMeanwhile),
    (lambda m: {"by": acting(m.host)}, MayNotKeepUnit),
    (lambda m: {"steps": {m.handler.pk: m.steps[m.handler.pk]}}, NoReceiver),
    (
        lambda m: {"steps": m.steps | {m.handler.pk: Step(None, (m.handler.user_id, m.successor.pk))}},
        NoReceiver,
    ),
    (lambda m: {"steps": m.steps | {m.gone.pk: Step(None, (m.handler.user_id, m.unit.pk))}}, NoReceiver),
]


@pytest.mark.parametrize(("scene", "refusal"), PLANS)
def test_a_merger_is_refused_and_changes_nothing(merger: Merger, scene: Any, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        merger.run(**scene(merger))
    merger.course.refresh_from_db()
    merger.handler.refresh_from_db()
    assert merger.course.unit == merger.unit and not merger.handler.has_ended()
    assert not BusinessAccount.objects.filter(unit=merger.successor, user=merger.handler.user).exists()


def test_an_officer_merges_into_no_unit_of_another_county(merger: Merger) -> None:
    far = make_lead(make_unit(county=make_county("花蓮縣")))
    with pytest.raises(MayNotKeepUnit):
        merger.run(successors=[far.unit])


def test_an_officer_sees_nobody_of_a_successor_in_another_county(client: Client, merger: Merger) -> None:
    away = make_unit("150501", name="花蓮縣立國中", county=make_county("花蓮縣"))
    lead = make_lead(away)
    client.force_login(make_officer().user)
    address = reverse("courses:dissolve_unit", args=[merger.unit.pk])
    assert client.get(f"{address}?to={away.pk}").status_code == 404
    assert client.get(f"{address}?to={merger.successor.pk}&to={away.pk}").status_code == 404
    page = client.post(address, {"first": away.code})
    assert page.status_code == 200 and page.context["form"].errors
    assert lead.user.name not in page.content.decode()


def test_the_page_shows_the_effect_first_and_does_it_then(client: Client, merger: Merger) -> None:
    client.force_login(merger.officer.user)
    address = reverse("courses:dissolve_unit", args=[merger.unit.pk])
    chosen = client.post(address, {"first": merger.successor.code})
    address = chosen["Location"]
    plan = {
        f"to_{merger.handler.pk}": str(merger.successor.pk),
        f"courses_{merger.handler.pk}": f"{merger.handler.user_id}-{merger.successor.pk}",
        f"courses_{merger.gone.pk}": f"{merger.host.user_id}-{merger.successor.pk}",
        "last_day": str(clock.today() - timedelta(days=1)),
        "reason": "裁併",
        "people_to": str(merger.successor.pk),
    }
    assert merger.course.title in client.get(address).content.decode()
    shown = client.post(address, plan)
    assert shown.context["effects"][0].courses == 3 and shown.context["effects"][0].people == 2
    merger.course.refresh_from_db()
    assert merger.course.unit == merger.unit
    # Another plan than the one that was shown is shown first.
    other = plan | {f"courses_{merger.handler.pk}": f"{merger.host.user_id}-{merger.successor.pk}"}
    assert client.post(address, other | {"seen": shown.context["seen"]}).context["effects"]
    done = client.post(address, plan | {"seen": shown.context["seen"]})
    merger.course.refresh_from_db()
    assert done.status_code == 302 and merger.course.unit == merger.successor
    assert Affiliation.objects.filter(user=merger.handler.user, unit=merger.successor).exists()


def test_the_pages_close_a_unit_and_open_it_again(client: Client) -> None:
    unit = make_unit()
    client.force_login(make_officer().user)
    day: date = clock.today() - timedelta(days=1)
    client.post(reverse("courses:close_unit", args=[unit.pk]), {"last_day": str(day), "reason": "停辦"})
    unit.refresh_from_db()
    assert unit.until == day
    listed = client.get(reverse("accounts:units"), {"state": "closed"}).content.decode()
    assert unit.name in listed
    assert unit.name not in client.get(reverse("accounts:units"), {"state": "open"}).content.decode()
    client.post(reverse("courses:reopen_unit", args=[unit.pk]), {"reason": "誤植"})
    unit.refresh_from_db()
    assert unit.until is None


def test_a_unit_that_closes_again_has_the_successor_of_the_last_closing() -> None:
    unit, first, second = make_unit(), make_unit(), make_unit()
    shut(unit, successor=first)
    shut(unit, successor=second)
    assert [row.successor for row in unit.successions.all()] == [second]
    later = clock.today()
    shut(unit, successor=second, last_day=later)
    assert unit.successions.get().since == later + timedelta(days=1)


def test_a_merged_unit_is_done_with_campaigns(merger: Merger) -> None:
    course, by = old_course(merger.handler, ago=50), merger.officer
    facts = CampaignFacts(county=None, title="清查", year=course.year, deadline=clock.today())
    campaign = campaigns.save(by=by, facts=facts)
    campaigns.begin(by=by, campaign=campaign, version=campaign.version)
    merger.run()
    row = CampaignUnit.objects.get(campaign=campaign, unit=merger.unit)
    assert row.done_at and not Notice.objects.filter(kind="campaign_done").exists()


@pytest.mark.parametrize("is_done_there", [False, True])
def test_a_campaign_requests_what_moved_of_the_successor(merger: Merger, is_done_there: bool) -> None:
    course, by = old_course(merger.handler, ago=50), merger.officer
    facts = CampaignFacts(county=None, title="清查", year=course.year, deadline=clock.today())
    campaign = campaigns.save(by=by, facts=facts)
    campaigns.begin(by=by, campaign=campaign, version=campaign.version)
    if is_done_there:
        CampaignUnit.objects.create(
            campaign=campaign, unit=merger.successor, courses=2, told_at=clock.now(), done_at=clock.now()
        )
    merger.run()
    course.refresh_from_db()
    (asked,) = asked_of(course.unit_id)
    assert asked.courses == [course, merger.orphan] and course.unit_id == merger.successor.pk
    row = CampaignUnit.objects.get(campaign=campaign, unit=course.unit_id)
    assert (row.courses, row.done_at) == (4 if is_done_there else 2, None)


def test_the_preview_says_what_becomes_of_campaigns(client: Client, merger: Merger) -> None:
    course, by = old_course(merger.handler, ago=50), merger.officer
    facts = CampaignFacts(county=None, title="年底清查", year=course.year, deadline=clock.today())
    campaign = campaigns.save(by=by, facts=facts)
    client.force_login(by.user)
    address = reverse("courses:dissolve_unit", args=[merger.unit.pk]) + f"?to={merger.successor.pk}"
    plan = {
        f"to_{merger.handler.pk}": str(merger.successor.pk),
        f"courses_{merger.handler.pk}": f"{merger.handler.user_id}-{merger.successor.pk}",
        f"courses_{merger.gone.pk}": f"{merger.host.user_id}-{merger.successor.pk}",
        "last_day": str(clock.today() - timedelta(days=1)),
        "reason": "裁併",
    }
    assert "年底清查" not in client.post(address, plan).content.decode()
    campaigns.begin(by=by, campaign=campaign, version=campaign.version)
    shown = client.post(address, plan)
    assert shown.context["campaigns"] == [("年底清查", [(merger.successor, 2)])]
    page = shown.content.decode()
    assert "年底清查：本單位不再列入" in page and f"此後改由{merger.successor.name}結案 2 門課程" in page
    client.post(address, plan | {"seen": shown.context["seen"]})
    row = CampaignUnit.objects.get(campaign=campaign, unit=merger.successor)
    assert row.courses == 2


def test_nobody_asks_to_come_to_a_closed_unit(client: Client) -> None:
    unit = shut(make_unit())
    with pytest.raises(UnitClosed):
        applications.apply(
            by=teacher(make_user()), unit=unit, role="handler", reason="接辦", starts_on=clock.today()
        )
    typed = {"unit": unit.code, "name": "林二", "national_id": "A123456789", "email": "b@x.example"}
    assert unit.name in client.post(reverse("signin:join"), typed).content.decode()
    assert not JoinRequest.objects.exists()


def waiting_at(unit: Unit) -> tuple[PlaceOffer, AccountApplication, JoinRequest]:
    offer = make_offer(unit)
    person = make_user(unit=unit)
    facts = {"role": Role.HANDLER, "reason": "接任", "starts_on": clock.today()}
    asked = applications.apply(by=teacher(person), unit=unit, **facts)
    return offer, asked, make_join_request(unit)


def check_ended(unit: Unit, rows: tuple[PlaceOffer, AccountApplication, JoinRequest]) -> None:
    offer, asked, request = rows
    for row in rows:
        row.refresh_from_db()
    assert (offer.state, asked.state, request.state) == ("taken_back", "taken_back", "refused")
    assert not request.id_sealed and unit.name in request.refusal
    told = Notice.objects.filter(kind="unit_request_ended")
    assert set(told.values_list("recipient", flat=True)) == {offer.user_id, asked.user_id}
    assert Notice.objects.get(kind="join_refused").address == request.email


def test_what_waits_at_a_unit_ends_when_it_is_merged(merger: Merger) -> None:
    rows, other_officer = waiting_at(merger.unit), make_officer(merger.unit.county)
    merger.run()
    check_ended(merger.unit, rows)
    told = Notice.objects.get(kind="unit_matters_ended")
    assert told.recipient == other_officer.user and "縣立新國中" in told.body
    assert "縣立新國中" in Notice.objects.filter(kind="unit_request_ended").first().body


def test_what_waits_at_a_unit_ends_when_its_last_day_has_passed() -> None:
    unit, by = make_unit(), acting(make_officer())
    keeper, rows = make_account(unit, role="roster").user, waiting_at(unit)
    unit_life.close(unit=unit, last_day=clock.today(), successor=None, reason="裁撤", by=by)
    assert unit_life.end_requests_each_night() == 0
    with time_machine.travel(clock.now() + timedelta(days=1)):
        assert unit_life.end_requests_each_night() == 3
        check_ended(unit, rows)
        assert unit_life.end_requests_each_night() == 0
    notice = Notice.objects.get(kind="unit_matters_ended", recipient=keeper)
    assert all(
        f"{words}1" in notice.body for words in ("徵詢本人的任職：", "列入名冊的申請：", "業務帳號申請：")
    )
    assert "名冊異動提議" not in notice.body


@pytest.mark.parametrize(("language", "names"), [("en", "甲國中, 乙國中"), ("zh-hant", "甲國中、乙國中")])
def test_several_successors_are_listed_in_the_language_of_the_reader(
    merger: Merger, language: str, names: str
) -> None:
    successors = [make_unit(f"13470{n}", name=name) for n, name in enumerate(("甲國中", "乙國中"))]
    waiting_at(merger.unit)
    make_account(merger.unit, role="roster")
    User.objects.update(language=language)
    steps = {pk: Step(None, (merger.officer.user.pk, successors[0].pk)) for pk in merger.steps}
    Course.objects.all().delete()
    left = left_at(merger.unit)
    merger.run(successors=successors, steps=steps, seen=unit_life.mark(merger.unit, left, steps))
    for kind in ("unit_request_ended", "unit_matters_ended"):
        for notice in Notice.objects.filter(kind=kind):
            assert names in notice.body, (kind, notice.body)
    assert Notice.objects.filter(kind="unit_matters_ended").exists()


def test_a_proposal_alone_at_a_unit_that_has_closed_ends_with_a_notice() -> None:
    unit, person = make_unit(), make_user()
    officer = make_officer(unit.county)
    [row] = proposals.propose_place(person, unit, title="教師", source=ProposalSource.LOG_IN)
    Unit.objects.filter(pk=unit.pk).update(until=clock.today() - timedelta(days=1))
    assert unit_life.end_requests_each_night() == 1
    row.refresh_from_db()
    notice = Notice.objects.get(kind="proposal_ended")
    assert row.state == "taken_back" and notice.recipient == person and unit.name in notice.body
    # Nobody keeps the list of the unit: the county oversees it.
    told = Notice.objects.get(kind="unit_matters_ended")
    assert told.recipient == officer.user and "名冊異動提議：1" in told.body
    assert AuditEvent.objects.filter(action="proposal.ended", subjects__person_id=person.pk).exists()
    assert unit_life.end_requests_each_night() == 0
