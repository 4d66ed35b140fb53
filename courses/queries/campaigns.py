"""What a campaign requests, of whom, and how far it is. One definition of its courses serves notices, pages, files and the end of a unit."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate

from accounts.acting import Actor
from accounts.enums import Role
from accounts.models import BusinessAccount, FormerCode, Unit
from courses.cached_tables import CAMPAIGNS
from courses.enums import CourseState
from courses.models import Campaign, CampaignUnit, Course, UnitLight
from courses.models.campaign import CampaignQuerySet
from courses.models.lookups import AnyOf
from courses.models.querysets import CourseQuerySet
from kit import clock, table_versions
from kit.holidays import workday_from, workday_until
from notices.models import Notice

# A follow-up that could not be written on its day is still written within so many days.
CATCH_UP = timedelta(days=7)
# The kinds of notices of a campaign.
BEGUN, FOLLOW_UP, DONE = "campaign_begun", "campaign_follow_up", "campaign_done"


def campaigns_of(by: Actor) -> CampaignQuerySet:
    """Return the campaigns that a hat may see: an officer's those of the own county, the operator's all."""
    rows = Campaign.objects.select_related("county", "made_by", "started_by")
    if by.is_operator_hat:
        return rows
    return rows.filter(county=by.county) if by.is_county_hat else rows.none()


def covered_q(campaign: Campaign, at: datetime | None = None) -> Q:
    """Return the condition of the courses of a campaign: of its year, over and unclosed when it began (now, for a draft)."""
    began = campaign.started_at or at or clock.now()
    open_then = (
        Q(state=CourseState.REGISTERED, postponed_at=None)
        | Q(closed_at__gt=began)
        | Q(withdrawn_at__gt=began)
    )
    registered_later = Q(registered_at__gt=began, registered_at__isnull=False)
    return Q(year=campaign.year, ends_at__lte=began) & open_then & ~registered_later


def scope(campaign: Campaign) -> QuerySet[Unit]:
    """Return the units of a campaign's scope: those of the fields of a draft, whether anything is open at them or not."""
    rows = Unit.objects.all()
    if campaign.county_id is not None:
        rows = rows.filter(county=campaign.county_id)
    if campaign.levels:
        rows = rows.filter(level__in=campaign.levels)
    if campaign.districts:
        rows = rows.filter(district__in=campaign.districts)
    if campaign.codes:
        # A unit that gets another code after the draft was written stays in it.
        former = FormerCode.objects.filter(code__in=campaign.codes).exclude(
            code__in=Unit.objects.filter(code__in=campaign.codes).values("code")
        )
        rows = rows.filter(Q(code__in=campaign.codes) | Q(pk__in=former.values("unit")))
    if campaign.colours:
        lit = UnitLight.objects.filter(
            unit=OuterRef("pk"), year=clock.this_year(), colour__in=campaign.colours
        )
        rows = rows.filter(Exists(lit))
    return rows


def covered(campaign: Campaign, at: datetime | None = None) -> CourseQuerySet:
    """Return the courses of a campaign, closed since or not.

    Its units may be all of the country: PostgreSQL hashes a subquery, and reads an array from its beginning for each course.
    """
    rows = Course.objects.filter(covered_q(campaign, at))
    if not campaign.is_draft:
        return rows.filter(unit__in=CampaignUnit.objects.filter(campaign=campaign).values("unit"))
    return rows.filter(unit__in=scope(campaign).values("pk"))


def left(campaign: Campaign, at: datetime | None = None) -> CourseQuerySet:
    """Return the courses of a campaign that are still not closed."""
    return covered(campaign, at).unclosed()


def open_by_unit(campaign: Campaign, at: datetime | None = None) -> dict[int, int]:
    """Return how many courses of the campaign each unit has not closed: one query."""
    counted = left(campaign, at).order_by().values_list("unit_id").annotate(n=Count("pk"))
    return dict(counted)


def with_nobody(campaign: Campaign, day: date) -> QuerySet[Unit]:
    """Return the units where nobody can be notified of a course that is left: no handler of it and no lead in force."""
    active = BusinessAccount.objects.active(day)
    lost = left(campaign).filter(~Exists(active.filter(pk=OuterRef("handler"))))
    leads = active.filter(unit=OuterRef("pk"), role=Role.UNIT_LEAD)
    rows = Unit.objects.filter(pk__in=lost.order_by().values("unit")).filter(~Exists(leads))
    return rows.select_related("county").order_by("code", "level")


def people_to_notify(campaign: Campaign, day: date) -> int:
    """Return how many people are notified: handlers of what is left, and the leads of the units."""
    rows = left(campaign).order_by()
    lead = Q(unit__in=rows.values("unit"), role=Role.UNIT_LEAD)
    handler = Q(pk__in=rows.values("handler"))
    accounts = BusinessAccount.objects.active(day).filter(lead | handler)
    return accounts.order_by().values("user").distinct().count()


@dataclass(frozen=True)
class Reach:
    """What a draft would do: so many units, courses and people."""

    units: int
    courses: int
    people: int


def reach(campaign: Campaign) -> Reach:
    """Return what a campaign would reach if it began now."""
    open_now = open_by_unit(campaign)
    return Reach(len(open_now), sum(open_now.values()), people_to_notify(campaign, clock.today()))


def steps_of(campaign: Campaign) -> list[tuple[date, int]]:
    """Return the days of the follow-ups, each with its step: before the deadline moved to the working day of its county before, after it to the next."""
    planned, county = [(campaign.step_day(step), step) for step in campaign.steps], campaign.county_id
    return sorted(
        ((workday_until if step <= 0 else workday_from)(day, county), step) for day, step in planned
    )


def due_step(campaign: Campaign, day: date) -> int | None:
    """Return the follow-up of a running campaign that a day has reached, if it is still of the day; none on the day of the beginning."""
    began = clock.day_of(campaign.started_at) if campaign.started_at else day
    reached = [(due, step) for due, step in steps_of(campaign) if began < due <= day]
    return reached[-1][1] if reached and reached[-1][0] > day - CATCH_UP else None


def about(campaign_id: int, unit_id: int) -> str:
    """Return how a notice names a unit of a campaign."""
    return f"campaign:{campaign_id}:unit:{unit_id}"


@dataclass(frozen=True)
class NoticeCounts:
    """What became of the notices to one unit: how many people, by e-mail too, who opened it; the first and the last."""

    people: int
    mailed: int
    opened: int
    first: datetime
    last: datetime


def notice_counts(campaign: Campaign, unit_ids: Collection[int]) -> dict[int, NoticeCounts]:
    """Return what the notices of a campaign say of each unit, in one query; a unit without a notice is missing."""
    units = {about(campaign.pk, pk): pk for pk in unit_ids}
    rows = Notice.objects.filter(AnyOf(F("object_ref"), list(units))).exclude(kind=DONE)
    counted = (
        rows.order_by()
        .values_list("object_ref")
        .annotate(
            people=Count("recipient", distinct=True),
            mailed=Count("recipient", distinct=True, filter=Q(mailed_at__isnull=False)),
            opened=Count("recipient", distinct=True, filter=Q(read_at__isnull=False)),
            first=Min("created_at"),
            last=Max("created_at"),
        )
    )
    return {units[ref]: NoticeCounts(*facts) for ref, *facts in counted}


@dataclass(frozen=True)
class UnitState:
    """A unit of a campaign: `asked` at the beginning, `left` now; this year's overdue and last year's unclosed courses beside it."""

    row: CampaignUnit
    left: int
    told: NoticeCounts | None
    overdue: int = 0
    unclosed: int = 0
    rest: int = 0

    @property
    def closed(self) -> int:
        return max(self.row.courses - self.left, 0)

    @property
    def is_untold(self) -> bool:
        """Whether the unit's turn has come and nobody there could be notified: telephone it."""
        return self.told is None and self.row.told_at is not None


def states(campaign: Campaign, rows: Iterable[CampaignUnit]) -> list[UnitState]:
    """Return how far each unit is, in three queries for however many rows."""
    found = list(rows)
    ids = [row.unit_id for row in found]
    open_now = Course.objects.unclosed().filter(covered_q(campaign), AnyOf(F("unit_id"), ids))
    counts = dict(open_now.order_by().values_list("unit_id").annotate(n=Count("pk")))
    notices = notice_counts(campaign, ids)
    year = clock.this_year()
    lights = UnitLight.objects.filter(AnyOf(F("unit_id"), ids), year__in=(year, year - 1))
    lit = {
        (unit, of): (overdue, unclosed)
        for unit, of, overdue, unclosed in lights.values_list("unit_id", "year", "overdue", "unclosed")
    }
    return [
        UnitState(
            row,
            counts.get(row.unit_id, 0),
            notices.get(row.unit_id),
            *lit.get((row.unit_id, year), (0, 0)),
            lit.get((row.unit_id, year - 1), (0, 0))[1],
        )
        for row in found
    ]


@dataclass(frozen=True)
class Progress:
    """How far a campaign is: units, those done, not told yet; courses asked for and left; on which day how many were closed."""

    units: int
    done: int
    untold: int
    asked: int
    left: int
    closed_on: dict[date, int] = field(default_factory=dict)

    @property
    def closed(self) -> int:
        return max(self.asked - self.left, 0)


def progress(campaign: Campaign) -> Progress:
    """Return how far a campaign is: three queries."""
    rows = CampaignUnit.objects.filter(campaign=campaign)
    counted = rows.aggregate(
        units=Count("pk"), done=Count("done_at"), untold=Count("pk", filter=Q(told_at=None, done_at=None))
    )
    moment = TruncDate(Coalesce("closed_at", "withdrawn_at"), tzinfo=clock.TAIPEI)
    over = covered(campaign).exclude(state=CourseState.REGISTERED).order_by()
    closed_on = dict(over.annotate(day=moment).values_list("day").annotate(n=Count("pk")))
    open_now = left(campaign).count()
    return Progress(**counted, asked=open_now + sum(closed_on.values()), left=open_now, closed_on=closed_on)


@dataclass(frozen=True)
class Asked:
    """What a running campaign still requests of a unit."""

    campaign: Campaign
    courses: list[Course]


def asked_of(unit_id: int) -> list[Asked]:
    """Return what running campaigns still request of a unit, by deadline; nothing of those that are done there: a query for each and one."""
    # Nearly always none runs, for nobody.
    if not table_versions.cached(CAMPAIGNS, "running", Campaign.objects.running().exists):
        return []
    rows = CampaignUnit.objects.filter(
        unit=unit_id, done_at=None, campaign__started_at__isnull=False, campaign__ended_at=None
    ).select_related("campaign__county")
    found = []
    for row in rows.order_by("campaign__deadline", "campaign_id"):
        open_now = Course.objects.of_unit(unit_id).unclosed().filter(covered_q(row.campaign))
        if courses := list(
            open_now.select_related("handler__user", "co_handler__user").order_by("ends_on", "id")
        ):
            found.append(Asked(row.campaign, courses))
    return found


@dataclass(frozen=True)
class Leaving:
    """A campaign that a unit leaves with its end, and how many of the moved courses it requests of each unit that gets them, by primary key."""

    row: CampaignUnit
    requested: Mapping[int, int]


def leaving(unit_id: int, moves: Mapping[int, int]) -> list[Leaving]:
    """Return what becomes of the campaigns that a unit is not done with; `moves` gives the new unit of each moved course."""
    waiting = CampaignUnit.objects.filter(unit=unit_id, done_at=None, campaign__ended_at=None)
    found = []
    for row in waiting.select_related("campaign").order_by("pk"):
        asked = Course.objects.unclosed().filter(covered_q(row.campaign), pk__in=list(moves))
        counts = Counter(moves[pk] for pk in asked.values_list("pk", flat=True))
        found.append(Leaving(row, dict(sorted(counts.items()))))
    return found
