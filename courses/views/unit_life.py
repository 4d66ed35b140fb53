"""A unit closes, opens again, is merged or split: the page shows what is left and what follows before anything is done."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.errors import MayNotKeepUnit
from accounts.models import Unit
from accounts.queries.units import units_managed_by
from courses.actions import unit_life
from courses.forms.unit_life import CloseForm, PlanForm, ReopenForm, SuccessorsForm
from courses.queries.unit_life import campaign_effects, effects, left_at, places_moving, receivers_at
from kit.errors import Refusal
from kit.form_refusals import add_refusal, what_lacks
from kit.numbers import whole_numbers


def close(request: ActorRequest, pk: int) -> HttpResponse:
    unit = get_object_or_404(units_managed_by(request.actor), pk=pk)
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            unit_life.close(unit=unit, by=request.actor, **form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The unit is closed: nothing new is registered after its last day."))
            return redirect("courses:county_unit", pk=pk)
    context = {"unit": unit, "form": form, "left": left_at(unit)}
    return render(request, "courses/county/close.html", context)


@require_POST
def reopen(request: ActorRequest, pk: int) -> HttpResponse:
    unit = get_object_or_404(units_managed_by(request.actor), pk=pk)
    form = ReopenForm(request.POST)
    if not form.is_valid():
        messages.error(request, what_lacks(form, _("Please give the reason.")))
        return redirect("courses:county_unit", pk=pk)
    try:
        unit_life.reopen(unit=unit, by=request.actor, reason=form.cleaned_data["reason"])
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The unit is open again. Accounts that have ended stay ended."))
    return redirect("courses:county_unit", pk=pk)


def dissolve(request: ActorRequest, pk: int) -> HttpResponse:
    """First the successors (`?to=`), then the plan with its effect on the lights, then the act."""
    unit = get_object_or_404(units_managed_by(request.actor), pk=pk)
    wanted = set(whole_numbers(request.GET.getlist("to")))
    if not wanted:
        return _choose(request, unit)
    # The plan names who holds an account at the successors.
    successors = list(units_managed_by(request.actor).filter(pk__in=wanted))
    if len(successors) < len(wanted):
        raise Http404
    left = left_at(unit)
    form = PlanForm(left, successors, receivers_at(successors), request.POST or None)
    context = {"unit": unit, "form": form, "left": left, "successors": successors}
    if request.method == "POST" and form.is_valid():
        # Another plan, or other courses, than those whose effect was shown are shown first.
        seen = unit_life.mark(unit, left, form.steps, form.home_of_people)
        if form.cleaned_data["seen"] == seen and (done := _carry_out(request, unit, form)):
            return done
        people = places_moving(left, unit_life.follows(left, form.steps), form.home_of_people)
        context |= {"effects": effects(unit, form.moves, successors, people), "seen": seen}
        context |= {"campaigns": campaign_effects(unit, form.moves, successors)}
    return render(request, "courses/county/dissolve.html", context)


def _choose(request: ActorRequest, unit: Unit) -> HttpResponse:
    form = SuccessorsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = [one.pk for one in form.units]
        if units_managed_by(request.actor).filter(pk__in=chosen).count() == len(chosen):
            return redirect(f"{request.path}?{'&'.join(f'to={pk}' for pk in chosen)}")
        add_refusal(form, MayNotKeepUnit())
    return render(request, "courses/county/successors.html", {"unit": unit, "form": form})


def _carry_out(request: ActorRequest, unit: Unit, form: PlanForm) -> HttpResponse | None:
    """Do what was shown; None when it is refused, with the sentence on the form."""
    facts = {name: form.cleaned_data[name] for name in ("last_day", "reason", "seen")}
    try:
        moved = unit_life.dissolve(
            unit=unit,
            successors=form.successors,
            steps=form.steps,
            people_to=form.home_of_people,
            by=request.actor,
            **facts,
        )
    except Refusal as refusal:
        add_refusal(form, refusal)
        return None
    said = ngettext(
        "The unit is merged; %(n)s course moved.", "The unit is merged; %(n)s courses moved.", len(moved)
    )
    messages.success(request, said % {"n": len(moved)})
    return redirect("courses:county_unit", pk=unit.pk)
