"""函（稿）: save the letter of a campaign and start the archive of its copies."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from accounts.acting import Actor
from accounts.locks import lock_actor
from audit import log
from courses.actions.campaigns import require_own
from courses.actions.letter_checks import LetterFacts, refusals_of
from courses.errors import LetterChanged, NoLetterYet, NothingToAsk
from courses.locks import lock_campaign
from courses.models import Campaign, CampaignLetter
from courses.queries import letters
from jobs import actions
from jobs.models import Job
from kit import clock

JOB = "letters"


@transaction.atomic
def save(
    *, by: Actor, campaign: Campaign, facts: LetterFacts, version: int, at: datetime | None = None
) -> CampaignLetter:
    """Save the letter of a campaign; `version`: the one that was edited, 0 for a first one.

    Raise OnlyOversight, NotYourCampaign, CampaignGone, LetterChanged, or what `letter_checks.refusals_of` finds first.
    """
    by = lock_actor(by)
    campaign = lock_campaign(campaign)
    require_own(by, campaign)
    row = CampaignLetter.objects.filter(campaign=campaign).first() or CampaignLetter(
        campaign=campaign, version=0
    )
    if row.version != version:
        raise LetterChanged
    for refusal in refusals_of(facts, letters.direction(campaign, letters.addressees(campaign))):
        raise refusal
    for name, value in asdict(facts).items():
        setattr(row, name, value)
    row.version, row.saved_at = version + 1, at or clock.now()
    row.save()
    kept = {"subject": row.subject, "number": row.number, "version": row.version}
    log.record("campaign.letter", campaign, by=by, unit_id=by.unit_id, after=kept)
    return row


@transaction.atomic
def start_archive(*, by: Actor, campaign: Campaign) -> Job:
    """Start the work that makes a copy for each unit. Raise OnlyOversight, NotYourCampaign, CampaignGone, NoLetterYet, NothingToAsk."""
    by = lock_actor(by)
    campaign = lock_campaign(campaign)
    require_own(by, campaign)
    letter = CampaignLetter.objects.filter(campaign=campaign).first()
    if letter is None:
        raise NoLetterYet
    number = len(letters.addressees(campaign))
    if not number:
        raise NothingToAsk
    return actions.start(
        JOB, by=by, parameters={"campaign": campaign.pk, "version": letter.version}, total=number
    )
