"""Long work of the courses: notices to many units, letters, suspensions, the nation's list of lights."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.jobs import wearer
from accounts.models import County
from audit import log
from courses.actions import campaign_notices, postponements, reminders
from courses.actions import lights as lights_kept
from courses.actions.campaigns import JOB as CAMPAIGN
from courses.actions.campaigns import require_own
from courses.actions.letters import JOB as LETTERS
from courses.actions.suspensions import JOB as SUSPENSION
from courses.models import Campaign, CampaignLetter, CampaignUnit, Course, Suspension
from courses.presenters import letters as letter_files
from courses.presenters import lists
from courses.queries import campaigns as asked
from courses.queries import letters as letter_queries
from courses.queries import oversight
from courses.queries.suspensions import left_of
from jobs.progress import Work
from jobs.registry import job_kind
from kit.batches import batches
from kit.sentence_parts import listed

CHASE, LIGHTS = "chase", "export_lights"
UNITS_AT_ONCE = 20
# Copies of a letter whose fonts are cut together.
LETTERS_AT_ONCE = 100
# So many units without a handler are listed in the sentence; the job's page lists all.
MOST_NAMED = 5


@job_kind(
    CHASE, gettext_lazy("chase of units"), repeatable=True, template="courses/county/chase_outcome.html"
)
def chase(work: Work) -> str:
    """Process twenty units at a time; each piece is one transaction with its mark of progress. After a crash it continues
    behind the last piece; a notice is unique by day, so nobody gets it twice.
    """
    by, facts = wearer(work.job), work.parameters
    units = work.parameters["units"][work.done :]
    work.begin(work.done + len(units))
    for piece in batches(units, UNITS_AT_ONCE):
        with transaction.atomic():
            told = (
                reminders.warn(by=by, unit_ids=piece)
                if facts.get("ahead")
                else reminders.chase(by=by, unit_ids=piece, year=facts["year"])
            )
            # Stored with the piece itself, so that an attempt that continues after a crash counts every notice.
            work.save_step(len(piece), outcome=_added(work.outcome, told))
        work.step(0)
    return chased(_outcome(work.outcome))


def _outcome(kept: Mapping[str, Any]) -> reminders.ReminderResult:
    """Return the outcome of the pieces done so far."""
    untold = tuple(kept.get("untold", ()))
    return reminders.ReminderResult(
        kept.get("courses", 0), kept.get("people", 0), kept.get("told", 0), untold
    )


def _added(kept: Mapping[str, Any], told: reminders.ReminderResult) -> dict[str, Any]:
    before = _outcome(kept)
    untold = [*before.untold, *told.untold]
    return {
        "courses": before.courses + told.courses,
        "people": before.people + told.people,
        "told": before.told + told.told,
        **({"untold": untold} if untold else {}),
    }


def chased(told: reminders.ReminderResult) -> str:
    """What a reminder did, in a sentence or two."""
    said = _("Courses: %(courses)s. Told now: %(told)s. Told earlier today: %(before)s.") % {
        "courses": told.courses,
        "told": told.told,
        "before": told.people - told.told,
    }
    if told.untold:
        shown = told.untold[:MOST_NAMED]
        said += " " + ngettext(
            "%(n)s unit has nobody to tell; please telephone: %(units)s.",
            "%(n)s units have nobody to tell; please telephone: %(units)s.",
            len(told.untold),
        ) % {
            "n": len(told.untold),
            "units": listed(shown) + ("…" if len(shown) < len(told.untold) else ""),
        }
    return said


@job_kind(
    CAMPAIGN,
    gettext_lazy("notices of a campaign"),
    repeatable=True,
    template="courses/campaigns/job_outcome.html",
)
def campaign(work: Work) -> str:
    """Notify the units that have had no notice of the campaign, a hundred at a time; after a crash it continues with the rest."""
    by, found = wearer(work.job), Campaign.objects.get(pk=work.parameters["campaign"])
    work.begin(work.done + CampaignUnit.objects.filter(campaign=found, told_at=None).count())
    while True:
        with transaction.atomic():
            piece = campaign_notices.notify_units(by=by, campaign=found)
            if piece is None:
                break
            work.save_step(piece.units, outcome=_with_piece(work.outcome, piece))
        work.step(0)
    return _("Units: %(units)s. Notices written: %(told)s. Units with nobody to tell: %(nobody)s.") % {
        "units": work.done,
        "told": work.outcome.get("told", 0),
        "nobody": len(work.outcome.get("nobody", ())),
    }


def _with_piece(kept: Mapping[str, Any], piece: campaign_notices.Outcome) -> dict[str, Any]:
    nobody = [*kept.get("nobody", ()), *piece.nobody]
    return {"told": kept.get("told", 0) + piece.told, **({"nobody": nobody} if nobody else {})}


@job_kind(LETTERS, gettext_lazy("official letters of a campaign"), repeatable=True)
def letters(work: Work) -> str:
    """Write an archive with a folder for each unit: its copy of the letter as ODT and PDF, and the list of its own courses alone."""
    by = wearer(work.job)
    letter = CampaignLetter.objects.select_related("campaign__county").get(
        campaign=work.parameters["campaign"]
    )
    require_own(by, letter.campaign)
    number = work.write_archive(letter_files.archive_name(letter.campaign), _copies(work, letter))
    log.record(
        "campaign.letters",
        letter.campaign,
        by=by,
        unit_id=by.unit_id,
        after={"files": number, "version": letter.version},
    )
    return _("The archive is ready: %s units.") % work.done


def _copies(work: Work, letter: CampaignLetter) -> Iterator[tuple[str, bytes]]:
    units = letter_queries.addressees(letter.campaign)
    work.begin(len(units))
    text = letter_files.Letter(letter, units, asked.left(letter.campaign).count())
    for piece in batches(units, LETTERS_AT_ONCE):
        open_now: dict[int, list[Course]] = defaultdict(list)
        for course in letter_queries.courses_left(letter.campaign, piece):
            open_now[course.unit_id].append(course)
        yield from letter_files.copies(text, piece, open_now)
        work.step(len(piece))


@job_kind(SUSPENSION, gettext_lazy("courses of a suspension"), repeatable=True)
def suspension(work: Work) -> str:
    """Postpone the courses of a suspension that are left, or restore them once it was taken back; after a crash it continues with the rest."""
    by, found = wearer(work.job), Suspension.objects.get(pk=work.parameters["suspension"])
    step = postponements.restore_some if found.ended_at else postponements.postpone_some
    work.begin(work.done + left_of(found).count())
    while True:
        with transaction.atomic():
            number = step(by=by, suspension=found)
            if number is None:
                break
            work.save_step(number)
        work.step(0)
    if found.ended_at:
        return _("Courses held as planned: %s.") % work.done
    return _("Courses postponed: %s.") % work.done


@job_kind(LIGHTS, gettext_lazy("list of the units' lights"), repeatable=True)
def lights(work: Work) -> str:
    reminders.require_oversight(wearer(work.job))
    facts = work.parameters
    county = County.objects.filter(pk=facts["county"]).first()
    lights_kept.complete(county_id=facts["county"])
    rows = oversight.lights_matching(facts["county"], facts["colour"], facts["words"])
    work.begin(rows.count())
    number = work.write_table(
        lists.lights_file(county),
        facts.get("format", "csv"),
        lists.lights_header(),
        lists.lights(rows),
    )
    return file_ready(number)


def file_ready(number: int) -> str:
    return _("The file is ready: %s rows.") % number
