"""The week's list of who is away, on its first working day, to the people who keep the unit's lessons covered."""

from collections.abc import Sequence
from datetime import date

from accounts.enums import ROSTER_ROLES
from accounts.models import BusinessAccount, Unit
from accounts.queries.leads import leads_of_units
from accounts.unit_pages import unit_page
from courses.queries.away import Away, away_in
from courses.queries.overview_facts import begins_anywhere, begins_week, units_with_leads
from kit import clock
from kit.holidays import DAY
from notices import outbox, outdated
from notices.models import Notice
from notices.timed import Batch

KIND = "away_week"
UNITS_AT_ONCE = 100


def is_due(day: date) -> bool:
    """Return whether a day is the first working day of its week, in the country or any county."""
    return begins_anywhere(begins_week, day)


def batch(day: date, cursor: int) -> Batch:
    """Return the lists of some units whose staff is away from this day to Sunday."""
    units = units_with_leads(cursor, day, UNITS_AT_ONCE, ROSTER_ROLES)
    ids = [unit.pk for unit in units]
    lists, leads = away_in(ids, clock.monday(day)), leads_of_units(ids, day, ROSTER_ROLES)
    letters = [
        _notice(lead, unit, rows, day)
        for unit in units
        if (rows := [row for row in lists.get(unit.pk, []) if clock.day_of(row.session.starts_at) >= day])
        for lead in leads.get(unit.pk, [])
    ]
    return Batch(letters, ids[-1] if len(ids) == UNITS_AT_ONCE else None)


def _notice(reader: BusinessAccount, unit: Unit, rows: Sequence[Away], day: date) -> outbox.NewNotice:
    monday = clock.monday(day)
    return outbox.NewNotice(
        kind=KIND,
        to=reader.user,
        about=f"unit:{unit.pk}",
        day=day,
        refs=[f"account:{reader.pk}"],
        path=unit_page("courses:away", unit.pk, week=monday.isoformat()),
        context={
            "unit": unit.name,
            "monday": monday,
            "lines": [
                {
                    "starts_at": row.session.starts_at,
                    "ends_at": row.session.ends_at,
                    "who": f"{row.title} {row.row.user.name}".strip(),
                    "course": row.row.course.title,
                    "organiser": row.row.course.unit.name,
                }
                for row in rows
            ],
        },
    )


@outdated.recheck(KIND)
def is_still_true(notices: Sequence[Notice]) -> dict[int, tuple[str, str] | None]:
    """The list is made anew when its mail leaves; it is not sent on a later day, nor to a person who has left the unit's office."""
    ids = {notice.pk: notice.first_number for notice in notices}
    accounts = (
        BusinessAccount.objects.active()
        .filter(pk__in=ids.values(), role__in=ROSTER_ROLES)
        .select_related("user", "unit")
        .in_bulk()
    )
    day = clock.today()
    lists = away_in({account.unit_id for account in accounts.values()}, clock.monday(day))
    found: dict[int, tuple[str, str] | None] = {}
    for notice in notices:
        account = accounts.get(ids[notice.pk])
        rows = lists.get(account.unit_id, []) if account else []
        rows = [row for row in rows if clock.day_of(row.session.starts_at) >= day]
        is_fresh = clock.now() - notice.created_at < DAY
        found[notice.pk] = (
            outbox.text_of(_notice(account, account.unit, rows, day))
            if account and rows and is_fresh
            else None
        )
    return found
