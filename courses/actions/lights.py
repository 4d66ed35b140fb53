"""Keeping the stored lights: the job, the command and every act that changes a count come here."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from time import perf_counter
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.urls import reverse

from accounts.enums import Role
from accounts.models import BusinessAccount, Unit
from courses.enums import Colour
from courses.models import LightChange, UnitLight, YearlyPolicy
from courses.models.policy import policy_of
from courses.queries import lights
from inservice import clock
from notices import outbox
from notices.enums import Category

# What follows from the counts is written by the statement that counts: no row travels to Python and back. PostgreSQL and SQLite alike.
WRITE = """
    UPDATE courses_unitlight SET
        overdue = counted.overdue_now,
        unclosed = counted.unclosed_now,
        oldest_ended_on = counted.oldest_now,
        colour = counted.colour_now,
        registration_open = counted.overdue_now < %(red_at)s,
        computed_at = %(moment)s,
        changed_at = CASE WHEN colour <> counted.colour_now THEN %(moment)s ELSE changed_at END
    FROM (
        SELECT numbers.*, CASE WHEN overdue_now >= %(red_at)s THEN 'red' WHEN overdue_now >= %(yellow_at)s THEN 'yellow' ELSE 'green' END
            AS colour_now
        FROM (
            SELECT accounts_unit.id AS of_unit, COALESCE(found.counted_overdue, 0) AS overdue_now,
                COALESCE(found.counted_unclosed, 0) AS unclosed_now, found.counted_oldest AS oldest_now
            FROM accounts_unit LEFT JOIN ({counting}) found ON found.unit_id = accounts_unit.id
        ) numbers
    ) counted
    WHERE unit_id = counted.of_unit AND year = %(year)s {only}
    RETURNING unit_id, colour, overdue
"""


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
    before = _locked(wanted, lit_year, moment)
    lit = _count_anew(wanted, lit_year, moment)
    changes = [
        LightChange(
            unit_id=unit,
            year=lit_year,
            before=before[unit],
            after=colour,
            overdue=overdue,
            cause=cause,
            at=moment,
        )
        for unit, colour, overdue in lit
        if colour != before[unit]
    ]
    LightChange.objects.bulk_create(changes, batch_size=500)
    if lit_year == clock.this_year(moment):
        _tell(changes, moment)
    return _summary([colour for _, colour, _ in lit], len(changes), perf_counter() - started)


def _locked(unit_ids: list[int] | None, year: int, moment: datetime) -> dict[int, str]:
    """The colours of the units' rows for the year, made where missing, locked in primary-key order."""
    rows = UnitLight.objects.filter(year=year).order_by("pk")
    rows = rows if unit_ids is None else rows.filter(unit_id__in=unit_ids)
    if unit_ids is None:
        _make_missing(Unit.objects.all(), year, moment)
    found = dict(rows.select_for_update(no_key=True).values_list("unit_id", "colour"))
    if unit_ids is not None and len(found) < len(unit_ids):
        _make_missing(Unit.objects.filter(pk__in=unit_ids), year, moment)
        found = dict(rows.select_for_update(no_key=True).values_list("unit_id", "colour"))
    return found


def _make_missing(units: QuerySet[Unit], year: int, moment: datetime) -> None:
    missing = units.exclude(lights__year=year).order_by("pk").values_list("pk", flat=True)
    UnitLight.objects.bulk_create(
        [UnitLight(unit_id=pk, year=year, computed_at=moment) for pk in missing],
        ignore_conflicts=True,
        batch_size=500,
    )


def _count_anew(unit_ids: list[int] | None, year: int, moment: datetime) -> list[tuple[int, str, int]]:
    """Count and store in one statement; answers unit, colour and overdue courses of each row written."""
    policies = YearlyPolicy.objects.current()
    policy = policy_of(policies, year)
    counting, facts = _named(lights.counting(year, clock.today(moment), policies, unit_ids))
    facts |= {
        "year": year,
        "red_at": policy.unit_red_at,
        "yellow_at": policy.unit_yellow_at,
        "moment": connection.ops.adapt_datetimefield_value(moment),
    }
    only = ""
    if unit_ids is not None:
        only = f"AND unit_id IN ({', '.join(str(int(pk)) for pk in unit_ids) or 'NULL'})"
    with connection.cursor() as cursor:
        cursor.execute(WRITE.format(counting=counting, only=only), facts)
        return [(unit, colour, overdue) for unit, colour, overdue in cursor.fetchall()]


def _named(rows: QuerySet[Any, Any]) -> tuple[str, dict[str, Any]]:
    """A queryset's statement with named parameters, to be put into a larger one."""
    statement, parameters = rows.query.sql_with_params()
    names = [f"p{number}" for number in range(len(parameters))]
    return statement % tuple(f"%({name})s" for name in names), dict(zip(names, parameters, strict=True))


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
        about=f"light:{change.unit_id}",
        event=change.pk,
        path=reverse("courses:unit_home"),
        context={
            "unit": account.unit.name,
            "overdue": change.overdue,
            "before": change.before,
            "year": change.year,
        },
    )


def _summary(colours: list[str], changed: int, seconds: float) -> Summary:
    return Summary(
        units=len(colours),
        green=colours.count(Colour.GREEN),
        yellow=colours.count(Colour.YELLOW),
        red=colours.count(Colour.RED),
        changed=changed,
        seconds=round(seconds, 3),
    )
