"""清查: prepare a campaign, begin it, end it. Notices are in `campaign_notices`."""

from copy import copy
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.acting import Actor
from accounts.locks import lock_actor
from accounts.models import County
from audit import log
from courses.actions import lights
from courses.actions.reminders import require_oversight
from courses.errors import (
    CampaignBegun,
    CampaignChanged,
    CampaignNotRunning,
    DeadlineBehind,
    NothingToAsk,
    NotYourCampaign,
)
from courses.locks import lock_campaign
from courses.models import Campaign, CampaignUnit
from courses.models.campaign import default_steps
from courses.queries import campaigns
from jobs import actions
from jobs.models import Job
from kit import clock
from kit.templatetags.ui import roc
from kit.typed_texts import require_no_number

JOB = "campaign"


@dataclass(frozen=True)
class CampaignFacts:
    """What a person decides about a campaign."""

    county: County | None
    title: str
    year: int
    deadline: date
    text: str = ""
    colours: list[str] = field(default_factory=list)
    levels: list[str] = field(default_factory=list)
    districts: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    steps: list[int] = field(default_factory=default_steps)


@transaction.atomic
def save(
    *,
    by: Actor,
    facts: CampaignFacts,
    campaign: Campaign | None = None,
    version: int = 0,
    at: datetime | None = None,
) -> Campaign:
    """Save a draft, which notifies nobody. An officer's is of the own county, whatever the facts say.

    Raise OnlyOversight, NotYourCampaign, CampaignGone, CampaignBegun, CampaignChanged, DeadlineBehind, NumberInText.
    """
    by = lock_actor(by)
    if campaign is not None:
        campaign = lock_campaign(campaign)
        _require_draft(by, campaign)
        if campaign.version != version:
            raise CampaignChanged
    require_oversight(by)
    _require_ahead(facts.deadline, at)
    require_no_number(facts.title, field="title")
    require_no_number(facts.text)
    row = campaign or Campaign(made_by=by.user, made_at=at or clock.now(), version=0)
    before = _recorded(row) if campaign else {}
    for name, value in _columns(facts).items():
        setattr(row, name, value)
    row.county = facts.county if by.is_operator_hat else by.county
    row.version += 1
    row.save()
    log.record("campaign.save", row, by=by, unit_id=by.unit_id, before=before, after=_recorded(row))
    return row


@transaction.atomic
def discard(*, by: Actor, campaign: Campaign) -> None:
    """Delete a draft. Raise OnlyOversight, NotYourCampaign, CampaignGone, CampaignBegun."""
    by = lock_actor(by)
    campaign = lock_campaign(campaign)
    _require_draft(by, campaign)
    log.record("campaign.discard", campaign, by=by, unit_id=by.unit_id, before=_recorded(campaign))
    campaign.delete()


@transaction.atomic
def begin(*, by: Actor, campaign: Campaign, version: int, at: datetime | None = None) -> Job:
    """Begin a campaign: fix its units, and notify their people in a job. `version`: the one whose preview was shown.

    Raise OnlyOversight, NotYourCampaign, CampaignGone, CampaignBegun, CampaignChanged, DeadlineBehind, NothingToAsk.
    """
    by = lock_actor(by)
    moment = at or clock.now()
    # A unit that has no light yet would be missed by its colour.
    lights.complete(county_id=campaign.county_id, at=moment)
    campaign = lock_campaign(campaign)
    _require_draft(by, campaign)
    if campaign.version != version:
        raise CampaignChanged
    _require_ahead(campaign.deadline, at)
    asked = campaigns.open_by_unit(campaign, moment)
    if not asked:
        raise NothingToAsk
    campaign.started_at, campaign.started_by = moment, by.user
    campaign.sent_by = sender_of(by)
    campaign.save(update_fields=["started_at", "started_by", "sent_by"])
    rows = [CampaignUnit(campaign=campaign, unit_id=pk, courses=n) for pk, n in sorted(asked.items())]
    CampaignUnit.objects.bulk_create(rows, batch_size=1000)
    facts = {"units": len(asked), "courses": sum(asked.values())}
    log.record("campaign.begin", campaign, by=by, unit_id=by.unit_id, after=facts)
    return _notify(by, campaign, len(asked))


@transaction.atomic
def go_on(*, by: Actor, campaign: Campaign) -> Job:
    """Notify the units that a job which was cancelled has left out. Raise OnlyOversight, NotYourCampaign, CampaignNotRunning."""
    by = lock_actor(by)
    campaign = lock_campaign(campaign)
    _require_running(by, campaign)
    return _notify(by, campaign, CampaignUnit.objects.filter(campaign=campaign, told_at=None).count())


def _notify(by: Actor, campaign: Campaign, number: int) -> Job:
    return actions.start(JOB, by=by, parameters={"campaign": campaign.pk}, total=number)


@transaction.atomic
def end(*, by: Actor, campaign: Campaign, at: datetime | None = None) -> Campaign:
    """End a campaign: nothing more is sent, and the units' pages no longer show it.

    Raise OnlyOversight, NotYourCampaign, CampaignNotRunning.
    """
    by = lock_actor(by)
    campaign = lock_campaign(campaign)
    _require_running(by, campaign)
    campaign.ended_at = at or clock.now()
    campaign.save(update_fields=["ended_at"])
    facts = {"left": campaigns.left(campaign).count()}
    log.record("campaign.end", campaign, by=by, unit_id=by.unit_id, after=facts)
    return campaign


def sender_of(by: Actor) -> str:
    """Return how the notices name their sender."""
    return f"{by.person_label} ({by.appointment.unit.name})"[:200]


def as_sent_by(by: Actor, campaign: Campaign) -> Campaign:
    """Return a copy of a draft as it would be if the actor began it, for the preview."""
    draft = copy(campaign)
    draft.sent_by = sender_of(by)
    return draft


def require_own(by: Actor, campaign: Campaign) -> None:
    """Raise OnlyOversight, NotYourCampaign."""
    require_oversight(by)
    if not by.is_operator_hat and not by.oversees_county(campaign.county_id):
        raise NotYourCampaign


def _require_draft(by: Actor, campaign: Campaign) -> None:
    require_own(by, campaign)
    if not campaign.is_draft:
        raise CampaignBegun


def _require_running(by: Actor, campaign: Campaign) -> None:
    require_own(by, campaign)
    if not campaign.is_running:
        raise CampaignNotRunning


def _require_ahead(deadline: date, at: datetime | None) -> None:
    if deadline < clock.today(at):
        raise DeadlineBehind(day=roc(deadline))


def _columns(facts: CampaignFacts) -> dict[str, Any]:
    return {name: value for name, value in asdict(facts).items() if name != "county"}


def _recorded(campaign: Campaign) -> dict[str, object]:
    names = ("title", "year", "text", "colours", "levels", "districts", "codes", "steps")
    facts: dict[str, object] = {name: getattr(campaign, name) for name in names}
    return facts | {"county": str(campaign.county or ""), "deadline": campaign.deadline.isoformat()}
