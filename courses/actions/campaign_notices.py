"""The notices of campaigns: the first, the follow-ups where something is still open, and the one that says a unit is done."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q

from accounts.acting import Actor
from accounts.locks import lock_actor
from accounts.models import BusinessAccount, Unit, User
from accounts.queries.leads import leads_of_units
from accounts.unit_pages import unit_page
from audit import log
from courses.actions.campaigns import require_own
from courses.errors import CampaignNotRunning
from courses.locks import lock_campaign, lock_course_rows
from courses.models import Campaign, CampaignUnit, Course
from courses.models.lookups import AnyOf
from courses.queries import campaigns, in_charge
from courses.queries.campaigns import BEGUN, DONE, FOLLOW_UP
from kit import clock
from notices import outbox, outdated
from notices.models import Notice
from notices.timed import Batch

UNITS_AT_ONCE = 100
# The cursor of the clock's batches: the campaign above, the row below.
ROW_BITS = 40


@dataclass(frozen=True)
class Outcome:
    """What a piece of a campaign did: units, those with nobody to notify, notices that were written."""

    units: int
    nobody: tuple[str, ...]
    told: int


@transaction.atomic
def notify_units(*, by: Actor, campaign: Campaign, at: datetime | None = None) -> Outcome | None:
    """Send the first notice to the next units that have none; None when there is none left. A constant number of queries.

    Lock the courses, so that what is closed meanwhile is not asked for. Raise OnlyOversight, NotYourCampaign, CampaignNotRunning.
    """
    by = lock_actor(by)
    waiting = CampaignUnit.objects.filter(campaign=campaign, told_at=None).order_by("pk")
    chosen = dict(waiting.values_list("pk", "unit_id")[:UNITS_AT_ONCE])
    open_now = campaigns.left(campaign).filter(AnyOf(F("unit_id"), list(chosen.values())))
    lock_course_rows(open_now.values_list("pk", flat=True))
    campaign = lock_campaign(campaign)
    require_own(by, campaign)
    if not campaign.is_running:
        raise CampaignNotRunning
    # Another job may have notified some of them before the lock was free.
    rows = list(waiting.filter(pk__in=list(chosen)).select_related("unit__county"))
    if not rows:
        return None
    moment = at or clock.now()
    letters = list(letters_of(campaign, rows, BEGUN, "begun", clock.day_of(moment)))
    written = outbox.write_rows(letters)
    CampaignUnit.objects.filter(pk__in=[row.pk for row in rows]).update(told_at=moment)
    _stamp(campaign, {ref for row in written for ref in row.refs}, moment)
    _record(campaign, rows, written, by)
    reached = {letter.about for letter in letters}
    nobody = [row.unit for row in rows if campaigns.about(campaign.pk, row.unit_id) not in reached]
    return Outcome(len(rows), tuple(f"{unit.name} {unit.phone}".strip() for unit in nobody), len(written))


def _stamp(campaign: Campaign, refs: Iterable[str], moment: datetime) -> None:
    """Note at the courses when and by whom their people were notified last."""
    ids = [int(ref.split(":")[1]) for ref in refs]
    named = Course.objects.filter(AnyOf(F("pk"), ids))
    named.update(notified_at=moment, notified_by=campaign.sent_by)


def _record(
    campaign: Campaign, rows: Sequence[CampaignUnit], written: Iterable[Notice], by: Actor | None
) -> None:
    told: dict[str, int] = {}
    for notice in written:
        told[notice.object_ref] = told.get(notice.object_ref, 0) + 1
    log.record_many(
        log.event(
            "campaign.tell",
            campaign,
            by=by,
            unit_id=row.unit_id,
            after={"unit": str(row.unit), "told": told.get(campaigns.about(campaign.pk, row.unit_id), 0)},
        )
        for row in rows
    )


def letters_of(
    campaign: Campaign, rows: Iterable[CampaignUnit], kind: str, event: str, day: date
) -> Iterator[outbox.NewNotice]:
    """Yield a notice to each person of the units who has something open: leads all of it, handlers their own. Two queries."""
    units = {row.unit_id: row for row in rows}
    open_now = Course.objects.unclosed().filter(
        campaigns.covered_q(campaign), AnyOf(F("unit_id"), list(units))
    )
    found: dict[int, list[Course]] = {}
    for course in open_now.select_related("handler__user", "co_handler__user", "unit").order_by(
        "ends_on", "id"
    ):
        found.setdefault(course.unit_id, []).append(course)
    leads = leads_of_units(list(found), day)
    for unit_id, courses in found.items():
        mine: dict[User, list[Course]] = {account.user: courses for account in leads.get(unit_id, [])}
        for person, course in _handlers(courses, day):
            if mine.get(person) is not courses:
                mine.setdefault(person, []).append(course)
        for person, their in mine.items():
            yield _letter(campaign, units[unit_id], person, their, kind, event, day)


def _handlers(courses: Iterable[Course], day: date) -> Iterator[tuple[User, Course]]:
    for course in courses:
        if not in_charge.handler_has_left(course, day):
            yield from ((account.user, course) for account in in_charge.handlers_of(course))


def _letter(
    campaign: Campaign,
    row: CampaignUnit,
    person: User,
    courses: Sequence[Course],
    kind: str,
    event: str,
    day: date,
) -> outbox.NewNotice:
    return outbox.NewNotice(
        kind=kind,
        to=person,
        about=campaigns.about(campaign.pk, row.unit_id),
        event=event,
        refs=[f"course:{course.pk}" for course in courses],
        path=unit_page("courses:unit_home", row.unit_id),
        context={
            "title": campaign.title,
            "text": campaign.text,
            "year": campaign.year,
            "unit": row.unit.name,
            "deadline": campaign.deadline,
            "over": day > campaign.deadline,
            "courses": [
                {"code": c.code, "title": c.title, "ended": c.ends_on, "handler": c.handler.user.name}
                for c in courses
            ],
        },
        sent_by=campaign.sent_by,
    )


def follow_ups(day: date, cursor: int) -> Batch:
    """Return the follow-ups of a day for some units of one campaign, those with something open; a constant number of queries."""
    running = Campaign.objects.running().select_related("county").order_by("pk")
    due = {c: step for c in running if (step := campaigns.due_step(c, day)) is not None}
    after, row_after = cursor >> ROW_BITS, cursor & ((1 << ROW_BITS) - 1)
    rest = Q(campaign__gt=after) | Q(campaign=after, pk__gt=row_after)
    waiting = CampaignUnit.objects.filter(rest, campaign__in=list(due), done_at=None).select_related("unit")
    rows = list(waiting.order_by("campaign_id", "pk")[:UNITS_AT_ONCE])
    if not rows:
        return Batch([])
    campaign = next(c for c in due if c.pk == rows[0].campaign_id)
    mine = [row for row in rows if row.campaign_id == campaign.pk]
    event = f"{due[campaign]}:{campaign.deadline.isoformat()}"
    letters = list(letters_of(campaign, mine, FOLLOW_UP, event, day))
    return Batch(letters, campaign.pk << ROW_BITS | mine[-1].pk)


@transaction.atomic
def settle(*, course: Course, by: Actor, at: datetime | None = None) -> None:
    """After a course was closed or withdrawn: where it was the last of a unit, the unit is done with the campaign, with one notice.

    Call it after `lights.follow`: its lock makes closings of one unit happen one after the other, so that the last one finds nothing
    left.
    """
    waiting = CampaignUnit.objects.filter(unit=course.unit_id, done_at=None, campaign__ended_at=None)
    for row in waiting.select_related("campaign", "unit").order_by("pk"):
        open_now = Course.objects.of_unit(course.unit_id).unclosed().filter(campaigns.covered_q(row.campaign))
        if row.campaign.year == course.year and not open_now.exists():
            if waiting.filter(pk=row.pk).update(done_at=at or clock.now()):
                outbox.write(_done_letters(row, by))


def leave(
    *, unit: Unit, moved: Iterable[tuple[Course, BusinessAccount]] = (), at: datetime | None = None
) -> None:
    """After the unclosed courses of a unit have moved to its successors: it is done with every campaign, as nobody is left there to be
    notified. A campaign that requests one of these courses requests it of the unit that has it now.
    """
    units = {course.pk: to.unit_id for course, to in moved}
    left = campaigns.leaving(unit.pk, units)
    for one in left:
        for unit_id, number in one.requested.items():
            there, is_new = CampaignUnit.objects.get_or_create(
                campaign=one.row.campaign, unit_id=unit_id, defaults={"courses": number}
            )
            if not is_new:
                now = CampaignUnit.objects.filter(pk=there.pk)
                now.update(courses=F("courses") + number, done_at=None)
    CampaignUnit.objects.filter(pk__in=[one.row.pk for one in left]).update(done_at=at or clock.now())


def _done_letters(row: CampaignUnit, by: Actor) -> Iterator[outbox.NewNotice]:
    """Yield the notice to the person who closed the last course and to the unit's leads."""
    leads = leads_of_units([row.unit_id]).get(row.unit_id, [])
    for person in {account.user for account in leads} | {by.user}:
        yield outbox.NewNotice(
            kind=DONE,
            to=person,
            about=campaigns.about(row.campaign_id, row.unit_id),
            event="done",
            path=unit_page("courses:unit_home", row.unit_id),
            context={"title": row.campaign.title, "unit": row.unit.name, "courses": row.courses},
            sent_by=by.person_label,
        )


def _still_asked(notices: Sequence[Notice]) -> dict[int, tuple[str, str] | None]:
    """A notice that waited names what is still open and still its reader's; of a campaign that is over nothing is sent."""
    day = clock.today()
    pairs = {(int(n.object_ref.split(":")[1]), int(n.object_ref.split(":")[3])) for n in notices}
    of_pairs = Q(pk__in=[])
    for campaign_id, unit_id in pairs:
        of_pairs |= Q(campaign=campaign_id, unit=unit_id)
    rows: dict[Campaign, list[CampaignUnit]] = {}
    asked = CampaignUnit.objects.filter(of_pairs, campaign__ended_at=None)
    for row in asked.select_related("campaign__county", "unit"):
        rows.setdefault(row.campaign, []).append(row)
    now = {
        (letter.to.pk, letter.about): letter
        for campaign, units in rows.items()
        for letter in letters_of(campaign, units, notices[0].kind, "now", day)
    }
    found: dict[int, tuple[str, str] | None] = {}
    for notice in notices:
        letter = now.get((notice.recipient_id, notice.object_ref))
        if letter is None or set(letter.refs) != set(notice.refs):
            found[notice.pk] = outbox.text_of(letter) if letter else None
    return found


for _kind in (BEGUN, FOLLOW_UP):
    outdated.recheck(_kind)(_still_asked)
