"""A campaign in words, its samples, its picture and its file."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from accounts.acting import Actor
from accounts.enums import UnitLevel
from accounts.models import Unit
from courses.actions.campaign_notices import letters_of
from courses.actions.campaigns import as_sent_by
from courses.enums import Colour
from courses.models import Campaign, CampaignUnit, Course
from courses.presenters.lists import Row, day, minute
from courses.queries import campaigns
from courses.queries.campaigns import BEGUN, Progress, UnitState
from kit import charts, clock
from kit.charts import Chart, Part, Text
from kit.charts import Row as Bar
from kit.templatetags import ui
from notices import outbox

SAMPLES = 3
MOST_BARS = 14
HEADER = [
    "縣市", "單位代碼", "單位名稱", "單位電話", "清查課程數", "已結案", "尚未結案", "首次通知", "最近通知", "通知人數", "電子郵件寄出人數", "已讀人數",
    "本年逾期未結案", "本年尚未結案", "去年尚未結案",
]  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """A notice as one person would get it."""

    to: str
    unit: str
    subject: str
    body: str


def samples(campaign: Campaign, by: Actor) -> list[Sample]:
    """Return the notices that three people would get, of different units where there are several."""
    draft = as_sent_by(by, campaign)
    counts = campaigns.open_by_unit(draft)
    ids = sorted(counts, key=lambda pk: (-counts[pk], pk))[: 4 * SAMPLES]
    units = Unit.objects.in_bulk(ids)
    rows = [CampaignUnit(campaign=draft, unit=units[pk], courses=counts[pk]) for pk in ids]
    letters = list(letters_of(draft, rows, BEGUN, "begun", clock.today()))
    first = list({letter.about: letter for letter in reversed(letters)}.values())
    chosen = [*first, *(letter for letter in letters if letter not in first)][:SAMPLES]
    return [_sample(letter) for letter in chosen]


def _sample(letter: outbox.NewNotice) -> Sample:
    subject, body = outbox.text_of(letter)
    return Sample(str(getattr(letter.to, "name", "")), str(letter.context["unit"]), subject, body)


@dataclass(frozen=True)
class AskedHere:
    """What a running campaign still requests, as a home page shows it: to a lead all of the unit, to a handler the own courses."""

    campaign: Campaign
    courses: Sequence[Course]
    others: int

    @property
    def number(self) -> int:
        return len(self.courses) + self.others


def asked_here(by: Actor) -> list[AskedHere]:
    """Return what running campaigns still request of the unit whose hat is on; they vanish with the last course."""
    account, found = by.appointment, []
    for asked in campaigns.asked_of(account.unit_id):
        mine = [c for c in asked.courses if by.is_unit_lead or c.is_handled_by(account.pk)]
        found.append(AskedHere(asked.campaign, mine, len(asked.courses) - len(mine)))
    return found


def scope_words(campaign: Campaign) -> list[tuple[str, str]]:
    """Return the scope as pairs of label and words; what narrows nothing is left out."""
    colours = [str(Colour(value).label) for value in campaign.colours if value in Colour.values]
    levels = [str(UnitLevel(value).label) for value in campaign.levels if value in UnitLevel.values]
    pairs = [
        (_("County"), [campaign.county.name if campaign.county else _("the whole country")]),
        (_("Light"), colours),
        (_("Type of unit"), levels),
        (_("Town"), campaign.districts),
        (_("Only these units (codes)"), campaign.codes),
    ]
    return [(label, _(", ").join(words)) for label, words in pairs if words]


def step_days(campaign: Campaign) -> list[date]:
    """Return the days on which follow-ups are sent."""
    return [due for due, _step in campaigns.steps_of(campaign)]


def rows(states: Iterable[UnitState]) -> Iterator[Row]:
    """Return the cells under `HEADER`."""
    for state in states:
        unit, told = state.row.unit, state.told
        yield [
            unit.county_name,
            unit.code,
            unit.name,
            unit.phone,
            state.row.courses,
            state.closed,
            state.left,
            minute(told.first) if told else "",
            minute(told.last) if told else "",
            told.people if told else 0,
            told.mailed if told else 0,
            told.opened if told else 0,
            state.overdue,
            state.unclosed,
            state.rest,
        ]


def file_name(campaign: Campaign) -> str:
    return f"{campaign.county or '全國'}_{campaign.year}_清查_{day(campaign.started_at).replace('/', '')}"


def chart(campaign: Campaign, found: Progress) -> Chart:
    """Draw what was closed and what was left, as one bar for each of some days since the beginning."""
    days = _days(campaign)
    closed = [sum(n for at, n in found.closed_on.items() if at <= point) for point in days]
    title = _("Courses closed since the campaign began")
    said = _("Closed: %(closed)s of %(asked)s. Left: %(left)s.")
    text = Text(
        "campaign",
        title,
        said % {"closed": found.closed, "asked": found.asked, "left": found.left},
        (_("Day"), _("Closed"), _("Left")),
        [(ui.roc(point), n, found.asked - n) for point, n in zip(days, closed, strict=True)],
    )
    if not found.asked:
        return Chart(text, 0)
    return charts.stacked(text, [_bar(p, n, found.asked) for p, n in zip(days, closed, strict=True)])


def _bar(point: date, closed: int, asked: int) -> Bar:
    return Bar(ui.roc(point), [Part(_("closed"), closed, "green"), Part(_("left"), asked - closed, "yellow")])


def _days(campaign: Campaign) -> Sequence[date]:
    """Return at most so many days from the beginning until today or the end, at even distances, the last one included."""
    first = clock.day_of(campaign.started_at or clock.now())
    last = clock.day_of(campaign.ended_at) if campaign.ended_at else clock.today()
    step = max(1, -(-(last - first).days // (MOST_BARS - 1)))
    days = [first + timedelta(days=n) for n in range(0, (last - first).days + 1, step)]
    return days if days[-1] == last else [*days, last]
