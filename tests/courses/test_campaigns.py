"""清查: a campaign notifies nobody before it begins, requests what is open, follows up only there, and leaves a unit that is done alone."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.acting import Actor
from accounts.actions.unit_codes import recode
from accounts.models import BusinessAccount
from audit.models import AuditEvent
from courses.actions import campaign_notices, campaigns, withdrawal
from courses.actions.campaigns import CampaignFacts
from courses.errors import (
    CampaignBegun,
    CampaignChanged,
    CampaignGone,
    CampaignNotRunning,
    DeadlineBehind,
    NothingToAsk,
    NotYourCampaign,
    OnlyOversight,
)
from courses.models import Campaign, CampaignUnit, Course
from courses.queries import campaigns as queries
from courses.queries.letters import addressees
from jobs import runner
from jobs.models import Job
from kit import clock
from notices import timed
from notices.models import Notice
from notices.outdated import settle as settle_mail
from tests.factories import (
    acting,
    close,
    make_account,
    make_county,
    make_course,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
DEADLINE = date(2026, 12, 31)


def facts(**more: Any) -> CampaignFacts:
    return CampaignFacts(
        **{"county": None, "title": "115 年度清查", "year": 115, "deadline": DEADLINE} | more
    )


def school(county: Any = None, courses: int = 2, **unit: Any) -> BusinessAccount:
    """A handler with courses that are over and not closed."""
    handler = make_account(make_unit(county=county or make_county(), **unit))
    for number in range(courses):
        make_course(handler, ago=40 + number)
    return handler


def begun(by: Actor, **more: Any) -> Campaign:
    campaign = campaigns.save(by=by, facts=facts(**more))
    runner.run(campaigns.begin(by=by, campaign=campaign, version=campaign.version).pk)
    campaign.refresh_from_db()
    return campaign


def officer() -> Actor:
    return acting(make_officer())


def told(kind: str) -> set[int | None]:
    return set(Notice.objects.filter(kind=kind).values_list("recipient", flat=True))


def at_eight(day: date) -> datetime:
    return clock.at_taipei(day) + timedelta(hours=8)


def test_a_draft_notifies_nobody_and_says_whom_it_would_reach() -> None:
    by, handler = officer(), school()
    lead = make_lead(handler.unit)
    school(make_county("花蓮縣"))
    campaign = campaigns.save(by=by, facts=facts())
    assert queries.reach(campaign) == queries.Reach(units=1, courses=2, people=2)
    assert campaign.county == by.county and campaign.is_draft
    assert not told("campaign_begun") and not CampaignUnit.objects.exists()
    begin = campaigns.begin(by=by, campaign=campaign, version=1)
    assert not told("campaign_begun")
    runner.run(begin.pk)
    assert told("campaign_begun") == {handler.user_id, lead.user_id}


def test_a_unit_stays_in_a_draft_that_names_its_former_code() -> None:
    by, handler = officer(), school(code="600777")
    campaign = campaigns.save(by=by, facts=facts(codes=["600777"]))
    recode(unit=handler.unit, code="600888", level=handler.unit.level, reason="改制", by=by)
    assert set(queries.scope(campaign)) == {handler.unit}
    other = school(code="600777")
    assert set(queries.scope(campaign)) == {other.unit}


def test_handlers_are_asked_for_their_own_courses_and_leads_for_all() -> None:
    by, handler = officer(), school()
    other = make_account(handler.unit)
    third = make_course(other, ago=50)
    lead = make_lead(handler.unit)
    begun(by, text="請依限辦理")
    refs = {n.recipient_id: set(n.refs) for n in Notice.objects.filter(kind="campaign_begun")}
    assert refs[other.user_id] == {f"course:{third.pk}"}
    assert len(refs[handler.user_id]) == 2 and len(refs[lead.user_id]) == 3
    notice = Notice.objects.get(recipient=other.user, kind="campaign_begun")
    assert "請依限辦理" in notice.body and third.code in notice.body and "115年12月31日" in notice.subject


def test_only_courses_of_the_year_that_are_over_and_unclosed_are_asked_for() -> None:
    by, handler = officer(), make_account()
    wanted = make_course(handler, ago=3)
    make_course(handler)  # ahead
    make_course(handler, ago=400)  # of another year
    close(make_course(handler, ago=30))
    campaign = begun(by)
    assert list(queries.covered(campaign)) == [wanted]
    make_course(handler, ago=2, registered_at=clock.now() + DAY)
    assert list(queries.covered(campaign)) == [wanted]


@pytest.mark.parametrize(
    ("scope", "units"),
    [
        ({"levels": ["elementary"]}, {"small"}),
        ({"districts": ["潮州鎮"]}, {"town"}),
        ({"codes": ["600777"]}, {"chosen"}),
        ({"colours": ["red"]}, {"red"}),
        ({"colours": ["yellow", "red"], "districts": ["南州鄉"]}, {"small", "red"}),
        ({}, {"small", "town", "chosen", "red"}),
    ],
)
def test_the_scope_is_by_light_type_town_or_chosen_units(scope: dict[str, Any], units: set[str]) -> None:
    by = officer()
    made = {
        "small": school(level="elementary", district="南州鄉"),
        "town": school(district="潮州鎮"),
        "chosen": school(code="600777"),
        "red": school(courses=5, district="南州鄉"),
    }
    campaign = begun(by, **scope)
    asked = set(CampaignUnit.objects.filter(campaign=campaign).values_list("unit", flat=True))
    assert asked == {made[name].unit_id for name in units}


def test_the_operator_asks_the_whole_country_or_one_county() -> None:
    by, here, there = acting(make_operator()), school(), school(make_county("花蓮縣"))
    assert queries.reach(campaigns.save(by=by, facts=facts())).units == 2
    one = campaigns.save(by=by, facts=facts(county=there.unit.county))
    assert set(queries.open_by_unit(one)) == {there.unit_id} != {here.unit_id}


def test_units_with_nobody_to_tell_are_named_with_their_telephone() -> None:
    by = officer()
    handler = school(phone="08-7881234")
    BusinessAccount.objects.filter(pk=handler.pk).update(valid_until=clock.today() - DAY)
    campaign = campaigns.save(by=by, facts=facts())
    assert list(queries.with_nobody(campaign, clock.today())) == [handler.unit]
    job = campaigns.begin(by=by, campaign=campaign, version=1)
    runner.run(job.pk)
    job.refresh_from_db()
    assert job.outcome == {"told": 0, "nobody": [f"{handler.unit.name} 08-7881234"]}
    make_lead(handler.unit)
    assert not queries.with_nobody(campaign, clock.today())


def test_a_begun_campaign_begins_no_second_time_and_is_not_changed() -> None:
    by = officer()
    school()
    campaign = begun(by)
    for act in (
        lambda: campaigns.begin(by=by, campaign=campaign, version=1),
        lambda: campaigns.save(by=by, facts=facts(title="x"), campaign=campaign, version=1),
        lambda: campaigns.discard(by=by, campaign=campaign),
    ):
        with pytest.raises(CampaignBegun):
            act()
    assert Notice.objects.filter(kind="campaign_begun").count() == 1


def test_a_campaign_begins_as_it_was_previewed_only() -> None:
    by = officer()
    school()
    campaign = campaigns.save(by=by, facts=facts())
    campaigns.save(by=by, facts=facts(year=114), campaign=campaign, version=1)
    with pytest.raises(CampaignChanged):
        campaigns.begin(by=by, campaign=campaign, version=1)
    with pytest.raises(CampaignChanged):
        campaigns.save(by=by, facts=facts(), campaign=campaign, version=1)


def test_nothing_begins_where_nothing_is_open_or_the_deadline_is_over() -> None:
    by = officer()
    campaign = campaigns.save(by=by, facts=facts())
    with pytest.raises(NothingToAsk):
        campaigns.begin(by=by, campaign=campaign, version=1)
    with pytest.raises(DeadlineBehind):
        campaigns.save(by=by, facts=facts(deadline=clock.today() - DAY))
    school()
    with time_machine.travel(at_eight(DEADLINE + DAY)), pytest.raises(DeadlineBehind):
        campaigns.begin(by=by, campaign=campaign, version=1)


def test_a_campaign_of_another_county_is_out_of_reach() -> None:
    by, stranger = officer(), acting(make_officer(make_county("花蓮縣")))
    school()
    draft, running = campaigns.save(by=by, facts=facts()), begun(by)
    assert not queries.campaigns_of(stranger) and queries.campaigns_of(by).count() == 2
    refused: list[Callable[[], Any]] = [
        lambda: campaigns.save(by=stranger, facts=facts(), campaign=draft, version=1),
        lambda: campaigns.discard(by=stranger, campaign=draft),
        lambda: campaigns.begin(by=stranger, campaign=draft, version=1),
        lambda: campaigns.go_on(by=stranger, campaign=running),
        lambda: campaigns.end(by=stranger, campaign=running),
        lambda: campaign_notices.notify_units(by=stranger, campaign=running),
    ]
    for act in refused:
        with pytest.raises(NotYourCampaign):
            act()


def test_a_units_hat_prepares_no_campaign() -> None:
    lead = acting(make_lead())
    with pytest.raises(OnlyOversight):
        campaigns.save(by=lead, facts=facts())
    assert not queries.campaigns_of(lead)


def test_a_discarded_draft_is_gone() -> None:
    by = officer()
    draft = campaigns.save(by=by, facts=facts())
    campaigns.discard(by=by, campaign=draft)
    with pytest.raises(CampaignGone):
        campaigns.begin(by=by, campaign=Campaign(pk=99, county=by.county), version=1)
    assert not Campaign.objects.exists()


def test_an_ended_campaign_sends_nothing_more() -> None:
    by, handler = officer(), school()
    campaign = campaigns.save(by=by, facts=facts())
    campaigns.begin(by=by, campaign=campaign, version=1)
    campaigns.end(by=by, campaign=campaign)
    with pytest.raises(CampaignNotRunning):
        campaign_notices.notify_units(by=by, campaign=campaign)
    for act in (campaigns.end, campaigns.go_on):
        with pytest.raises(CampaignNotRunning):
            act(by=by, campaign=campaign)
    assert not queries.asked_of(handler.unit_id)
    with time_machine.travel(at_eight(date(2026, 12, 24)), tick=False):
        assert timed.prepare_due().get("campaign_follow_up") == 0


@pytest.mark.parametrize(
    ("day", "step"),
    [
        (date(2026, 11, 24), None),  # the day of the beginning
        (date(2026, 12, 16), None),
        (date(2026, 12, 17), -14),
        (date(2026, 12, 23), -14),
        (date(2026, 12, 24), -7),
        (date(2026, 12, 30), -1),
        (date(2027, 1, 3), -1),  # a Sunday: three days after the deadline moves to Monday
        (date(2027, 1, 4), 3),
        (date(2027, 1, 11), None),
        (date(2027, 1, 14), 14),
    ],
)
def test_a_follow_up_moves_to_a_working_day_and_is_of_its_week(day: date, step: int | None) -> None:
    campaign = Campaign(deadline=DEADLINE, started_at=at_eight(date(2026, 11, 24)))
    assert queries.due_step(campaign, day) == step


def test_a_follow_up_goes_once_and_only_where_something_is_open() -> None:
    by, done, late = officer(), school(courses=1), school()
    begun(by)
    close(done.unit.courses.get())
    close(late.unit.courses.first())
    sent = []
    for day in (date(2026, 12, 16), date(2026, 12, 17), date(2026, 12, 18)):
        with time_machine.travel(at_eight(day), tick=False):
            sent.append(timed.prepare_due().get("campaign_follow_up"))
            timed.prepare_due()
    assert sent == [0, 1, 0] and told("campaign_follow_up") == {late.user_id}
    notice = Notice.objects.get(kind="campaign_follow_up")
    assert len(notice.refs) == 1 and "115年12月31日" in notice.subject


def test_follow_ups_of_several_campaigns_are_prepared_campaign_by_campaign(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(campaign_notices, "UNITS_AT_ONCE", 2)
    schools = [school() for _ in range(5)]
    for _ in range(2):
        begun(officer())
    with time_machine.travel(at_eight(date(2026, 12, 17)), tick=False):
        assert timed.prepare_due()["campaign_follow_up"] == 10
    assert told("campaign_follow_up") == {handler.user_id for handler in schools}


def test_the_unit_is_done_with_the_last_course_told_once_and_left_alone() -> None:
    by, handler = officer(), school()
    lead = make_lead(handler.unit)
    campaign = begun(by)
    first, last = handler.unit.courses.order_by("id")
    close(first)
    assert not told("campaign_done") and len(queries.asked_of(handler.unit_id)[0].courses) == 1
    withdrawal.withdraw(course=last, by=acting(handler), reason="not_held")
    assert told("campaign_done") == {lead.user_id, handler.user_id}
    assert not queries.asked_of(handler.unit_id)
    row = CampaignUnit.objects.get(campaign=campaign)
    assert row.done_at is not None
    campaign_notices.settle(course=last, by=acting(handler))
    assert Notice.objects.filter(kind="campaign_done").count() == 2
    with time_machine.travel(at_eight(date(2026, 12, 17)), tick=False):
        assert timed.prepare_due()["campaign_follow_up"] == 0


def test_a_later_course_of_the_unit_does_not_open_the_campaign_again() -> None:
    by, handler = officer(), school(courses=1)
    campaign = begun(by)
    close(handler.unit.courses.get())
    make_course(handler, ago=1, registered_at=clock.now() + DAY)
    assert queries.progress(campaign).left == 0


def test_mail_that_waited_names_what_is_left_and_is_dropped_when_nothing_is() -> None:
    by, handler = officer(), school()
    begun(by)
    notice = Notice.objects.get(kind="campaign_begun")
    first, last = handler.unit.courses.order_by("id")
    assert settle_mail([notice]) == set()
    close(first)
    assert settle_mail([notice]) == set()
    assert last.code in notice.body and first.code not in notice.body
    close(last)
    assert settle_mail([notice]) == {notice.pk}


def test_the_progress_counts_what_was_closed_on_which_day() -> None:
    by, handler = officer(), school(courses=3)
    campaign = begun(by)
    with time_machine.travel(at_eight(date(2026, 11, 26)), tick=False):
        close(handler.unit.courses.first())
    found = queries.progress(campaign)
    assert (found.units, found.done, found.untold, found.asked, found.left, found.closed) == (
        1,
        0,
        0,
        3,
        2,
        1,
    )
    assert found.closed_on == {date(2026, 11, 26): 1}


def test_a_unit_says_when_and_by_what_it_was_notified_and_who_opened_it() -> None:
    by, handler = officer(), school()
    campaign = begun(by)
    [state] = queries.states(campaign, CampaignUnit.objects.all())
    assert state.told and (state.told.people, state.told.mailed, state.told.opened) == (1, 0, 0)
    Notice.objects.update(read_at=clock.now(), mailed_at=clock.now())
    [state] = queries.states(campaign, CampaignUnit.objects.all())
    assert state.told and (state.told.mailed, state.told.opened, state.left, state.closed) == (1, 1, 2, 0)
    course = handler.unit.courses.first()
    assert course.notified_at is not None and by.user.name in course.notified_by


def test_a_job_that_goes_on_after_a_crash_notifies_everybody_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign_notices, "UNITS_AT_ONCE", 2)
    by = officer()
    schools = [school(courses=1) for _ in range(5)]
    campaign = campaigns.save(by=by, facts=facts())
    job = campaigns.begin(by=by, campaign=campaign, version=1)
    campaign_notices.notify_units(by=by, campaign=campaign)  # an attempt that died after its first piece
    runner.run(job.pk)
    job.refresh_from_db()
    assert job.state == "done" and told("campaign_begun") == {handler.user_id for handler in schools}
    assert Notice.objects.filter(kind="campaign_begun").count() == 5


def test_units_that_a_cancelled_job_left_out_are_notified_later() -> None:
    by, handler = officer(), school()
    campaign = campaigns.save(by=by, facts=facts())
    job = campaigns.begin(by=by, campaign=campaign, version=1)
    Job.objects.filter(pk=job.pk).update(state="cancelled", finished_at=clock.now())
    assert queries.progress(campaign).untold == 1
    runner.run(campaigns.go_on(by=by, campaign=campaign).pk)
    assert told("campaign_begun") == {handler.user_id} and queries.progress(campaign).untold == 0


def test_a_piece_takes_as_many_queries_for_one_unit_as_for_thirty() -> None:
    asked = []
    for number in (1, 30):
        by = acting(make_officer(make_county(f"縣{number}")))
        for _ in range(number):
            make_lead(school(by.county).unit)
        campaign = campaigns.save(by=by, facts=facts())
        campaigns.begin(by=by, campaign=campaign, version=1)
        with CaptureQueriesContext(connection) as queries_:
            campaign_notices.notify_units(by=by, campaign=campaign)
        asked.append(len(queries_))
        assert Notice.objects.filter(object_ref__startswith=f"campaign:{campaign.pk}:").count() == 2 * number
    assert asked[0] == asked[1]


def test_every_act_of_a_campaign_is_recorded() -> None:
    by, handler = officer(), school()
    draft = campaigns.save(by=by, facts=facts())
    campaigns.discard(by=by, campaign=draft)
    campaigns.end(by=by, campaign=begun(by))
    acts = AuditEvent.objects.filter(action__startswith="campaign.").order_by("id")
    assert [event.action.split(".")[1] for event in acts] == [
        "save",
        "discard",
        "save",
        "begin",
        "tell",
        "end",
    ]
    assert acts.get(action="campaign.tell").unit_id == handler.unit_id


def test_the_courses_of_a_withdrawn_unit_are_still_counted_as_closed() -> None:
    by, handler = officer(), school(courses=1)
    campaign = begun(by)
    withdrawal.withdraw(course=Course.objects.get(), by=acting(handler), reason="not_held")
    found = queries.progress(campaign)
    assert (found.asked, found.closed, found.done) == (1, 1, 1)


@pytest.mark.postgres
def test_a_campaign_of_the_country_reads_no_array_for_each_of_its_courses() -> None:
    """PostgreSQL reads an array from its beginning for each row that no index finds by it: half a minute with 11,000 units."""
    officer = acting(make_officer())
    school(officer.county)
    campaign = campaigns.save(by=officer, facts=facts())
    day = clock.today()
    for _begun in (False, True):
        with CaptureQueriesContext(connection) as captured:
            queries.open_by_unit(campaign)
            queries.people_to_notify(campaign, day)
            list(queries.with_nobody(campaign, day))
            addressees(campaign)
        for query in captured.captured_queries:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {query['sql']}")
                plan = [line for (line,) in cursor.fetchall()]
            assert not [line for line in plan if "ANY" in line and "InitPlan" in line], plan
        if campaign.is_draft:
            campaigns.begin(by=officer, campaign=campaign, version=campaign.version)
            campaign.refresh_from_db()
