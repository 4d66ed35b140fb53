"""The lead's overview on Monday morning: what is to be closed by handler, the light and what turns it, drafts, applications, doubts about hours."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Count

from accounts.models import BusinessAccount
from accounts.queries.leads import leads_of_units
from accounts.unit_pages import unit_page
from courses.actions import overviews
from courses.enums import Colour
from courses.queries import overview_facts
from courses.queries.overview_facts import UnitFacts
from hours.enums import ObjectionState
from hours.models import Objection
from notices import outbox, outdated
from notices.timed import Batch

KIND = "unit_week"
UNITS_AT_ONCE = 200


def is_due(day: date) -> bool:
    """Return whether a day is the first working day of its week, in the country or any county."""
    return overview_facts.begins_anywhere(overview_facts.begins_week, day)


def batch(day: date, cursor: int) -> Batch:
    """Return the overviews of some units that have something to do, to each of their leads."""
    units = overview_facts.units_with_leads(cursor, day, UNITS_AT_ONCE)
    ids = [unit.pk for unit in units]
    found, doubts, leads = overview_facts.of_units(units, day), _doubts(ids), leads_of_units(ids, day)
    letters = [
        _notice(lead, facts, doubts.get(facts.unit.pk, 0), day)
        for facts in found.values()
        if facts.over or facts.drafts or facts.applied or doubts.get(facts.unit.pk)
        for lead in leads.get(facts.unit.pk, [])
    ]
    return Batch(letters, ids[-1] if len(ids) == UNITS_AT_ONCE else None)


def _doubts(unit_ids: Sequence[int]) -> dict[int, int]:
    rows = Objection.objects.filter(state=ObjectionState.OPEN, course__unit__in=unit_ids)
    return dict(rows.order_by().values_list("course__unit").annotate(n=Count("pk")))


def _notice(lead: BusinessAccount, facts: UnitFacts, doubts: int, day: date) -> outbox.NewNotice:
    return outbox.NewNotice(
        kind=KIND,
        to=lead.user,
        about=f"unit:{facts.unit.pk}",
        day=day,
        refs=[f"account:{lead.pk}"],
        path=unit_page("courses:unit_home", facts.unit.pk),
        context=_context(facts, doubts),
    )


def _context(facts: UnitFacts, doubts: int) -> Mapping[str, Any]:
    outlook = facts.outlook
    return {
        "unit": facts.unit.name,
        "colour": Colour(outlook.colour).label,
        "overdue": outlook.overdue,
        "to_red": outlook.to_red,
        "to_open": outlook.to_open,
        "to_green": outlook.to_green,
        "red_on": outlook.red_on,
        "handlers": [
            {"name": row.name, "over": row.over, "overdue": row.overdue} for row in facts.handlers.values()
        ],
        "drafts": facts.drafts,
        "applied": facts.applied,
        "doubts": doubts,
    }


outdated.recheck(KIND)(overviews.is_of_today)
