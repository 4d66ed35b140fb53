"""The register of units: found, added and changed by the operator, and by each county's officers for their county."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.acting import ActorRequest
from accounts.actions import unit_codes, units
from accounts.enums import UnitKind
from accounts.forms.units import UnitCodeForm, UnitForm
from accounts.models import County, Unit
from accounts.presenters.units import UNITS, unit_rows
from accounts.queries.levels import level_choices
from accounts.queries.units import UnitFilter, units_managed_by, units_matching
from jobs.delivery import list_file, requested_format
from kit.errors import Refusal
from kit.form_refusals import add_refusal
from kit.numbers import whole_number
from kit.search_texts import search_text

PAGE = 50


def _filter(request: ActorRequest) -> UnitFilter:
    asked = request.GET
    return UnitFilter(
        county_id=whole_number(asked.get("county"), 0) if request.actor.is_operator_hat else 0,
        kind=asked.get("kind", ""),
        level=asked.get("level", ""),
        words=search_text(request, asked.get("q", "")),
        missing=asked.get("missing", ""),
        state=asked.get("state", ""),
    )


def register(request: ActorRequest) -> HttpResponseBase:
    wanted = _filter(request)
    rows = units_matching(request.actor, wanted)
    if fmt := requested_format(request):
        lines = unit_rows(rows.iterator(chunk_size=1000))
        return list_file(request, fmt, "單位", UNITS, lines, number=rows.count())
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "wanted": wanted,
        "counties": County.objects.all() if request.actor.is_operator_hat else [],
        "kinds": UnitKind.choices,
        "levels": level_choices(),
        "is_narrowed": wanted != UnitFilter(),
    }
    return render(request, "accounts/units/register.html", context)


def new(request: ActorRequest) -> HttpResponse:
    form = UnitForm(request.POST or None, by=request.actor)
    if request.method == "POST" and form.is_valid():
        try:
            made = units.add(facts=form.facts, by=request.actor)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return _saved(request, made, _("The unit %(name)s is added."))
    return render(request, "accounts/units/form.html", {"form": form})


def edit(request: ActorRequest, pk: int) -> HttpResponse:
    unit = get_object_or_404(units_managed_by(request.actor), pk=pk)
    form = UnitForm(request.POST or None, instance=unit, by=request.actor)
    if request.method == "POST" and form.is_valid():
        try:
            unit = units.change(unit=unit, facts=form.facts, seen=form.cleaned_data["seen"], by=request.actor)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return _saved(request, unit, _("The unit %(name)s is changed."))
    return render(request, "accounts/units/form.html", {"form": form, "unit": unit})


def recode(request: ActorRequest, pk: int) -> HttpResponse:
    unit = get_object_or_404(units_managed_by(request.actor), pk=pk)
    form = UnitCodeForm(request.POST or None, unit=unit)
    if request.method == "POST" and form.is_valid():
        try:
            unit = unit_codes.recode(unit=unit, by=request.actor, **form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return _saved(request, unit, _("The unit %(name)s has its new code."))
    return render(request, "accounts/units/code.html", {"form": form, "unit": unit})


def _saved(request: ActorRequest, unit: Unit, sentence: str) -> HttpResponse:
    messages.success(request, sentence % {"name": unit.name})
    if not unit.contact_is_official:
        messages.warning(
            request,
            _("%(mail)s is no official mailbox: notices would be lost when the person leaves.")
            % {"mail": unit.contact_mail},
        )
    return redirect("courses:county_unit", pk=unit.pk)
