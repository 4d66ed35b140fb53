"""The staff list of a unit: for its lead and roster keeper, its county and the operator."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import unfinished_work
from accounts.acting import ActorRequest
from accounts.actions import places, staff
from accounts.errors import LeavesUnitWithout
from accounts.forms.staff import AddForm, EndForm, PlaceForm
from accounts.models import Affiliation, PlaceOffer, Unit
from accounts.presenters.staff import STAFF, offered_name, said_of, staff_lines, staff_rows
from accounts.queries.leads import leads_of_units
from accounts.queries.people import join_requests_to_decide, proposals_to_decide
from accounts.queries.staff import (
    BY_ORDER,
    NOW,
    StaffFilter,
    accounts_at,
    offers_in_reach,
    pending_offers,
    places_in_reach,
    staff_of,
    units_of_staff,
)
from accounts.queries.titles import offered_titles
from accounts.rules import may_manage_roster
from audit import log
from jobs.delivery import list_file, requested_format
from kit.errors import Refusal
from kit.form_refusals import add_refusal
from kit.search_texts import search_text

PAGE = 60


def own(request: ActorRequest) -> HttpResponseBase:
    """The staff list of the hat's own unit."""
    return _list(request, request.actor.appointment.unit)


def of_unit(request: ActorRequest, pk: int) -> HttpResponseBase:
    return _list(request, get_object_or_404(units_of_staff(request.actor), pk=pk))


def _list(request: ActorRequest, unit: Unit) -> HttpResponseBase:
    asked = request.GET
    wanted = StaffFilter(
        words=search_text(request, asked.get("q", "")),
        when=asked.get("when", NOW),
        order=asked.get("order", BY_ORDER),
        lacks=asked.get("lacks", ""),
    )
    rows = staff_of(unit, wanted)
    if fmt := requested_format(request):
        lines = staff_lines(unit, rows)
        return list_file(request, fmt, f"{unit.code}_現職人員", STAFF, lines, number=rows.count())
    page = Paginator(rows, PAGE).get_page(asked.get("page"))
    log.record_look("read.staff", unit, by=request.actor, rows=page.object_list, unit_id=unit.pk)
    may_manage = may_manage_roster(request.actor, unit)
    context = {
        "unit": unit,
        "wanted": wanted,
        "page": page,
        "rows": staff_rows(unit, page.object_list),
        "offers": [(offer, offered_name(offer)) for offer in pending_offers(unit)],
        "leads": leads_of_units([unit.pk]).get(unit.pk, []),
        "may_manage": may_manage,
        # Who does not keep the list decides nothing of it: what waits is not counted.
        "proposed": proposals_to_decide(request.actor).filter(unit=unit).count() if may_manage else 0,
        "asking": join_requests_to_decide(request.actor).filter(unit=unit).count() if may_manage else 0,
        "is_narrowed": wanted != StaffFilter(order=wanted.order),
    }
    return render(request, "accounts/staff/list.html", context)


@never_cache
def add(request: ActorRequest, pk: int) -> HttpResponse:
    """Add a person. By POST only what is typed: a number must not appear in an address."""
    unit = get_object_or_404(units_of_staff(request.actor), pk=pk)
    form = AddForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        who = {name: form.cleaned_data[name] for name in ("who", "name", "email")}
        try:
            added = staff.add(unit=unit, facts=form.facts, by=request.actor, **who)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, said_of(added))
            return redirect("accounts:staff_of", pk=unit.pk)
    context = {"unit": unit, "form": form, "most": staff.MOST_A_DAY, "titles": offered_titles()}
    context["left"] = max(0, staff.MOST_A_DAY - staff.used_today(request.actor))
    return render(request, "accounts/staff/add.html", context)


def place(request: ActorRequest, pk: int) -> HttpResponse:
    """One place of service, to be corrected or ended."""
    found = get_object_or_404(places_in_reach(request.actor), pk=pk)
    form = PlaceForm.of(found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            places.correct_place(
                place=found,
                facts=form.facts,
                by=request.actor,
                seen=form.cleaned_data["seen"],
                confirmed="confirmed" in request.POST,
            )
        except LeavesUnitWithout as question:
            return _place(request, found, form=form, question=question.message)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("accounts:staff_of", pk=found.unit_id)
    return _place(request, found, form=form)


def _place(request: ActorRequest, found: Affiliation, **more: object) -> HttpResponse:
    log.record_look("read.staff", found, by=request.actor, rows=[found], unit_id=found.unit_id)
    accounts = accounts_at(found.unit, [found.user_id]).get(found.user_id, [])
    unclosed = unfinished_work.of_accounts([account.pk for account in accounts])
    context = {
        "place": found,
        "accounts": [(account, unclosed.get(account.pk, 0)) for account in accounts],
        "may_manage": may_manage_roster(request.actor, found.unit),
        "form": PlaceForm.of(found),
        "ending": EndForm(),
        "titles": offered_titles(),
        **more,
    }
    return render(request, "accounts/staff/place.html", context)


@require_POST
def end(request: ActorRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(places_in_reach(request.actor), pk=pk)
    form = EndForm(request.POST)
    if form.is_valid():
        try:
            places.end_place(
                place=found, by=request.actor, confirmed="confirmed" in request.POST, **form.cleaned_data
            )
        except LeavesUnitWithout as question:
            return _place(request, found, ending=form, end_question=question.message)
        except Refusal as refusal:
            add_refusal(form, refusal, called={"until": "last_day"})
        else:
            messages.success(request, _("The place of service ends. The person is notified."))
            return redirect("accounts:staff_of", pk=found.unit_id)
    return _place(request, found, ending=form)


@require_POST
def take_back(request: ActorRequest, pk: int) -> HttpResponse:
    offer = get_object_or_404(offers_in_reach(request.actor), pk=pk)
    try:
        staff.take_back(offer=offer, by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Taken back."))
    return redirect("accounts:staff_of", pk=offer.unit_id)


@require_POST
def answer(request: ActorRequest, pk: int) -> HttpResponse:
    """The person accepts or declines a place that was offered."""
    offer = get_object_or_404(PlaceOffer, pk=pk, user=request.user)
    answer = request.POST.get("answer")
    if answer not in ("accept", "decline"):
        messages.error(request, _("Please accept or decline."))
        return redirect("accounts:mine")
    accepts = answer == "accept"
    try:
        (staff.accept if accepts else staff.decline)(offer=offer, by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        said = (
            _("You are in the staff list of %(unit)s now.")
            if accepts
            else _("Declined. %(unit)s is notified.")
        )
        messages.success(request, said % {"unit": offer.unit.name})
    return redirect("accounts:mine")
