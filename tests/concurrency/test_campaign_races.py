"""Races of campaigns on PostgreSQL, each with a twin: the same race with its guard removed, which must go wrong."""

import time
from typing import Any

import pytest

from courses.actions import campaign_notices, campaigns, lights
from courses.errors import CampaignBegun
from courses.models import Campaign, CampaignUnit, Course
from hours.actions.closing import close_course
from hours.models import Sheet
from kit import clock
from notices.models import Notice
from tests.concurrency.race import at_once
from tests.factories import acting, make_account, make_course, make_officer

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def draft(courses: int = 1) -> tuple[Any, Campaign, list[Course]]:
    handler = make_account()
    rows = [make_course(handler, ago=40 + number) for number in range(courses)]
    by = acting(make_officer(handler.unit.county))
    # Otherwise the first lights of the units would make the beginnings wait for each other.
    lights.complete()
    facts = campaigns.CampaignFacts(county=by.county, title="清查", year=115, deadline=clock.today())
    return by, campaigns.save(by=by, facts=facts), rows


def begin_often() -> list[Any]:
    by, campaign, _courses = draft()
    return at_once([lambda: campaigns.begin(by=by, campaign=campaign, version=1)] * 8)


def test_a_campaign_that_many_begin_at_once_begins_once() -> None:
    results = begin_often()
    assert sum(isinstance(result, CampaignBegun) for result in results) == 7
    assert CampaignUnit.objects.count() == 1


def test_twin_without_the_lock_more_than_one_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    def unlocked(campaign: Campaign) -> Campaign:
        found = Campaign.objects.select_related("county").get(pk=campaign.pk)
        time.sleep(0.2)
        return found

    monkeypatch.setattr(campaigns, "lock_campaign", unlocked)
    assert sum(isinstance(result, CampaignBegun) for result in begin_often()) < 7


def close_both_at_once(monkeypatch: pytest.MonkeyPatch) -> CampaignUnit:
    by, campaign, courses = draft(2)
    campaigns.begin(by=by, campaign=campaign, version=1)
    settle = campaign_notices.settle

    def slowly(**facts: Any) -> None:
        time.sleep(0.3)
        settle(**facts)
        time.sleep(0.3)

    monkeypatch.setattr(campaign_notices, "settle", slowly)
    at_once(
        [
            lambda course=course: close_course(
                course=course, by=acting(course.handler), sheet=Sheet(str(course.pk), {})
            )
            for course in courses
        ]
    )
    assert not Course.objects.unclosed().exists()
    return CampaignUnit.objects.get()


def test_of_two_last_courses_closed_at_once_one_ends_the_units_part(monkeypatch: pytest.MonkeyPatch) -> None:
    assert close_both_at_once(monkeypatch).done_at is not None
    assert Notice.objects.filter(kind="campaign_done").count() == 1


def test_twin_without_the_lock_of_the_light_none_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lights, "follow", lambda **facts: None)
    assert close_both_at_once(monkeypatch).done_at is None
