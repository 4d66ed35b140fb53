"""Keeping the stored lights: the job, the command and every act that changes a count come here."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from time import perf_counter

from django.db import transaction
from django.urls import reverse

from accounts.enums import Role
from accounts.models import BusinessAccount, Unit
from courses.enums import Colour
from courses.models import LightChange, UnitLight, YearlyPolicy
from courses.queries.lights import UnitCount, unit_colour, unit_counts
from inservice import clock
from notices import outbox
from notices.enums import Category

COUNTED = ["colour", "overdue", "unclosed", "oldest_ended_on", "registration_open", "changed_at"]


@dataclass(frozen=True)
class Summary:
    """What a run did: units looked at, how many stand at each colour, how many changed, seconds taken."""

    units: int
    green: int
    yellow: int
    red: int
    changed: int
    seconds: float

    def as_dict(self) -> dict[str, int | float]:
        return asdict(self)


@transaction.atomic
def refresh(
    *,
    unit_ids: Iterable[int] | None = None,
    year: int | None = None,
    at: datetime | None = None,
    cause: str = "job",
) -> Summary:
    """Recount the lights of a ROC year (the running one) for all units or the given ones, and store what changed.

    Rows are locked before counting, so two acts at once cannot store each other's stale count. Each change of colour is recorded
    with time and count and told to the unit's people; red switches registration off, any other colour on (letter, point 6).
    A run that dies changes nothing; running twice changes nothing more.
    """
    started = perf_counter()
    moment = at or clock.now()
    lit_year = year or clock.this_year(moment)
    wanted = None if unit_ids is None else sorted(set(unit_ids))
    lights = _locked(wanted, lit_year, moment)
    counts = unit_counts(lit_year, clock.today(moment), wanted)
    changes = _count_anew(lights, counts, YearlyPolicy.objects.in_force(lit_year), moment, cause)
    LightChange.objects.bulk_create(changes, batch_size=500)
    if lit_year == clock.this_year(moment):
        _tell(changes, moment)
    return _summary(lights, len(changes), perf_counter() - started)


def _locked(unit_ids: list[int] | None, year: int, moment: datetime) -> list[UnitLight]:
    """The units' rows for the year, made where missing, locked in primary-key order."""
    units = Unit.objects.all() if unit_ids is None else Unit.objects.filter(pk__in=unit_ids)
    missing = units.exclude(lights__year=year).values_list("pk", flat=True)
    UnitLight.objects.bulk_create(
        [UnitLight(unit_id=pk, year=year, computed_at=moment) for pk in missing.order_by("pk")],
        ignore_conflicts=True,
        batch_size=500,
    )
    rows = UnitLight.objects.filter(year=year).order_by("pk")
    rows = rows if unit_ids is None else rows.filter(unit_id__in=unit_ids)
    return list(rows.select_for_update(of=("self",), no_key=True))


def _count_anew(
    lights: list[UnitLight], counts: dict[int, UnitCount], policy: YearlyPolicy, moment: datetime, cause: str
) -> list[LightChange]:
    changes, touched = [], []
    for light in lights:
        before = (light.colour, light.overdue, light.unclosed, light.oldest_ended_on)
        count = counts.get(light.unit_id, UnitCount())
        light.overdue, light.unclosed, light.oldest_ended_on = (
            count.overdue,
            count.unclosed,
            count.oldest_ended_on,
        )
        light.colour = unit_colour(count.overdue, policy)
        light.registration_open = light.colour != Colour.RED
        if light.colour != before[0]:
            light.changed_at = moment
            changes.append(_change(light, before[0], moment, cause))
        if before != (light.colour, light.overdue, light.unclosed, light.oldest_ended_on):
            touched.append(light)
    UnitLight.objects.bulk_update(touched, COUNTED, batch_size=500)
    _mark_counted(lights, moment)
    return changes


def _mark_counted(lights: list[UnitLight], moment: datetime) -> None:
    """One statement for all: thousands of ids in it would be longer than the year's own index."""
    if not lights:
        return
    rows = UnitLight.objects.filter(year=lights[0].year)
    few = len(lights) < 500
    (rows.filter(pk__in=[light.pk for light in lights]) if few else rows).update(computed_at=moment)


def _change(light: UnitLight, before: str, moment: datetime, cause: str) -> LightChange:
    return LightChange(
        unit_id=light.unit_id,
        year=light.year,
        before=before,
        after=light.colour,
        overdue=light.overdue,
        cause=cause,
        at=moment,
    )


def _tell(changes: list[LightChange], moment: datetime) -> None:
    """Tell every active account of a unit whose colour changed; a second change to the same colour on one day is told too."""
    if not changes:
        return
    by_unit = {change.unit_id: change for change in changes}
    accounts = (
        BusinessAccount.objects.active(clock.today(moment))
        .filter(unit_id__in=by_unit)
        .select_related("user", "unit")
    )
    outbox.write(_letter(account, by_unit[account.unit_id], moment) for account in accounts)


def _letter(account: BusinessAccount, change: LightChange, moment: datetime) -> outbox.Letter:
    return outbox.Letter(
        kind=f"light_{change.after}",
        # For the lead it is a duty, whatever the person chose about e-mail.
        category=Category.DUTIES if account.role == Role.UNIT_LEAD else "",
        to=account.user,
        about=f"light:{change.unit_id}:{moment.timestamp():.0f}",
        due=clock.today(moment),
        path=reverse("courses:unit_home"),
        context={
            "unit": account.unit.name,
            "overdue": change.overdue,
            "before": change.before,
            "year": change.year,
        },
    )


def _summary(lights: list[UnitLight], changed: int, seconds: float) -> Summary:
    colours = [light.colour for light in lights]
    return Summary(
        units=len(lights),
        green=colours.count(Colour.GREEN),
        yellow=colours.count(Colour.YELLOW),
        red=colours.count(Colour.RED),
        changed=changed,
        seconds=round(seconds, 3),
    )
