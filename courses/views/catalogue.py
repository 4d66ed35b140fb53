"""The catalogue: search, facets, list and calendar."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from accounts.acting import SiteRequest
from courses.forms.catalogue_filter import SHOWN, CourseFilter
from courses.models import Course
from courses.models.querysets import CourseQuerySet
from courses.queries import facets
from courses.queries.month import month_of
from courses.queries.watches import shown_searches
from courses.views import catalogue_cards
from courses.views.cached_parts import CachedParts
from courses.views.facet_panel import Address, chips, groups
from courses.views.saved_searches import REMOVED
from kit import clock
from kit.paging import CappedPaginator

PAGE = 20
PANEL = "courses/partials/catalogue_facets.html"
# The questions that have a field of their own on the page; the others travel as hidden ones.
TYPED = ("q", "unit", "first", "last", "mine")
# By date is `CourseFilter.in_turn`.
ORDERS: dict[str, tuple[Any, ...]] = {
    "places": ((F("capacity") - F("seats_taken") - F("seats_kept")).desc(), "starts_on", "id"),
    "new": (F("registered_at").desc(nulls_last=True), "-id"),
}


@login_not_required
def catalogue(request: SiteRequest) -> HttpResponse:
    person = request.user.pk if request.user.is_authenticated else None
    found = CourseFilter(request.GET, queryset=Course.objects.public(), person=person)
    context: dict[str, Any] = {"form": found.form, "partial": _is_partial(request)}
    if found.is_valid():
        context |= _found(request, found)
    if not context["partial"]:
        context |= _saved_searches(request)
    template = "courses/partials/catalogue_results.html" if context["partial"] else "courses/catalogue.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _is_partial(request: SiteRequest) -> bool:
    htmx = request.htmx
    return bool(htmx) and not htmx.history_restore_request


def _found(request: SiteRequest, found: CourseFilter) -> dict[str, Any]:
    counts, address = facets.count(found), Address.of(found, request.GET)
    view = address.get("view", "list")
    asked, shown_chips = CachedParts.of(found, address, request.GET.get("page")), chips(found, address)
    panel = asked.html(
        "panel", PANEL, lambda: {"groups": groups(found, counts, address), "chips": shown_chips}
    )
    shown: dict[str, Any] = (
        _calendar(request, found.rows_without(), address, found.selected())
        if view == "calendar"
        else _page(request, found, address.get("sort", "date"), asked)
    )
    sorts = {"date": _("By date"), "places": _("Most places left"), "new": _("Newest")}
    return {
        "total": counts.total,
        "panel": panel,
        "chips": shown_chips,
        "hidden": {name: value for name, value in address.items() if name not in TYPED},
        "sorts": _links(address, "sort", sorts),
        "views": _links(address, "view", {"list": _("List"), "calendar": _("Calendar")}),
        "past_url": address.having(past=None if "past" in address else facets.YES),
        "past": "past" in address,
        "words": found.chosen("q"),
        "query": address.having(month=None)[1:],
        "feed_query": urlencode(found.selected()),
        "view": view,
        **shown,
    }


def _links(address: Address, name: str, labels: dict[str, str]) -> list[tuple[str, str, str, bool]]:
    """value, label, address, whether it is on; the first is what an address without the name means."""
    usual = SHOWN[name][0]
    now = address.get(name, usual)
    return [
        (value, label, address.having(**{name: None if value == usual else value}), value == now)
        for value, label in labels.items()
    ]


def _page(request: SiteRequest, found: CourseFilter, sort: str, asked: CachedParts) -> dict[str, Any]:
    """Twenty courses as cards. The order is kept for all."""

    def ordered() -> list[CourseQuerySet]:
        return [found.rows_without().order_by(*ORDERS[sort])] if sort in ORDERS else found.in_turn()

    paginator = CappedPaginator(
        Course.objects.all(),
        ordered,
        per_page=PAGE,
        requested=request.GET.get("page"),
        cached_by=lambda read: asked.cached("numbers", read),
    )
    page = paginator.requested_page()
    numbers, words = paginator.numbers_of(page.number), found.chosen("q")
    return {"page": page, "cards": catalogue_cards.drawn(numbers, found.person, words, asked)}


def _calendar(
    request: SiteRequest, rows: CourseQuerySet, address: Address, query: dict[str, str]
) -> dict[str, Any]:
    first = _first_of_month(request.GET.get("month", ""))
    month = month_of(rows, first, query)
    address["month"] = f"{first:%Y-%m}"

    def listing(day: date) -> str:
        """Return the address at which all of the day's courses are listed."""
        return address.having(view=None, month=None, day=day.isoformat())

    return {
        "weeks": [[(cell, listing(cell.day)) for cell in week] for week in month.weeks],
        "month": month,
        "previous_url": address.having(month=f"{month.previous:%Y-%m}"),
        "next_url": address.having(month=f"{month.next:%Y-%m}"),
    }


def _first_of_month(text: str) -> date:
    """Return the month of the URL (2026-12), else the current one; years outside the range of courses are not queried."""
    year, _dash, month = text.partition("-")
    if year.isascii() and year.isdigit() and month.isascii() and month.isdigit() and len(text) <= 7:
        if 1912 <= int(year) <= 2200 and 1 <= int(month) <= 12:
            return date(int(year), int(month), 1)
    return clock.today().replace(day=1)


def _saved_searches(request: SiteRequest) -> dict[str, Any]:
    """The person's own searches, and the one just removed, which can come back."""
    if not request.user.is_authenticated:
        return {}
    return {
        "kept": shown_searches(request.user.pk),
        "removed": request.session.pop(REMOVED, None),
    }
