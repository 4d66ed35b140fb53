"""The campaign of the demonstration's county."""

from dataclasses import replace
from datetime import date, timedelta

from courses.actions import campaign_notices, campaigns, letters
from courses.actions.campaigns import CampaignFacts
from courses.presenters.letters import first_facts
from courses.queries import campaigns as asked
from demo.people import DemoPeople, actor
from kit import clock


def begin(cast: DemoPeople, today: date) -> None:
    """The county requests its units to close the year's courses in three weeks."""
    county = actor(cast.county)
    facts = CampaignFacts(
        county=county.county,
        title="研習課程結案清查",
        text="請於期限前核發時數；未辦理之課程請以「課程登錄錯誤」處理。",
        year=clock.roc_year(today),
        deadline=today + timedelta(days=21),
    )
    campaign = campaigns.save(by=county, facts=facts)
    if asked.open_by_unit(campaign):
        campaigns.begin(by=county, campaign=campaign, version=campaign.version)
        while campaign_notices.notify_units(by=county, campaign=campaign):
            pass
        text = replace(first_facts(campaign, None, same=False), officer="林縣府", phone="08-7320415")
        letters.save(by=county, campaign=campaign, facts=text, version=0)
