"""本週外出研習名單: a page to look at, to print and to take along."""

from datetime import date

from django.http.response import HttpResponseBase
from django.shortcuts import render

from accounts.acting import ActorRequest
from accounts.actions import access_log
from courses.models.deadlines import DAY
from courses.presenters import lists
from courses.queries.away import WEEK, away_in
from jobs.delivery import list_file, requested_format
from kit import clock


def page(request: ActorRequest) -> HttpResponseBase:
    unit, monday = request.actor.appointment.unit, _week(request.GET.get("week", ""))
    rows = away_in([unit.pk], monday).get(unit.pk, [])
    access_log.rows_seen("read.away", by=request.actor, rows=[line.row for line in rows])
    if fmt := requested_format(request):
        name = f"外出研習名單 {monday:%Y%m%d}"
        return list_file(request, fmt, name, lists.AWAY, lists.away(rows), number=len(rows))
    context = {
        "unit": unit,
        "rows": rows,
        "monday": monday,
        "sunday": monday + WEEK - DAY,
        "is_this_week": monday == clock.monday(clock.today()),
        "earlier": (monday - WEEK).isoformat(),
        "later": (monday + WEEK).isoformat(),
    }
    return render(request, "courses/unit/away.html", context)


def _week(text: str) -> date:
    """Return the Monday of the day that was requested, within ten years; this week's for anything else."""
    this = clock.monday(clock.today())
    try:
        monday = clock.monday(date.fromisoformat(text))
    except (ValueError, OverflowError):
        return this
    return monday if abs((monday - this).days) < 3653 else this
