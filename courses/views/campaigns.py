"""清查: the campaigns of a county, one campaign, and its beginning and end."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from courses.actions import campaigns, lights
from courses.errors import CampaignBegun
from courses.forms.campaigns import CampaignForm
from courses.models import Campaign, CampaignUnit
from courses.presenters import campaigns as words
from courses.queries import campaigns as queries
from courses.queries.lights import rest_is_due
from jobs.delivery import list_file, requested_format, started
from kit import clock
from kit.errors import Refusal
from kit.form_once import made_once
from kit.form_refusals import add_refusal
from kit.numbers import whole_number

PAGE = 50


def _campaign(request: ActorRequest, pk: int) -> Campaign:
    return get_object_or_404(queries.campaigns_of(request.actor), pk=pk)


def index(request: ActorRequest) -> HttpResponse:
    rows = queries.campaigns_of(request.actor).order_by("-made_at", "-id")
    rows = rows.annotate(units=Count("rows"), units_done=Count("rows__done_at"))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "courses/campaigns/index.html", {"page": page})


def new(request: ActorRequest) -> HttpResponse:
    return _form(request, None)


def edit(request: ActorRequest, pk: int) -> HttpResponse:
    campaign = _campaign(request, pk)
    if not campaign.is_draft:
        messages.error(request, CampaignBegun().message)
        return redirect("courses:campaign", pk=pk)
    return _form(request, campaign)


def _form(request: ActorRequest, campaign: Campaign | None) -> HttpResponse:
    form = CampaignForm(request.POST or None, by=request.actor, campaign=campaign)
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"] or 0
        save = partial(campaigns.save, by=request.actor, facts=form.facts)
        try:
            if campaign:
                save(campaign=campaign, version=version)
            pk = campaign.pk if campaign else made_once(request, Campaign.objects.all(), save).pk
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The draft is saved. Nobody is notified yet: look at the preview."))
            return redirect("courses:campaign", pk=pk)
    return render(request, "courses/campaigns/form.html", {"form": form, "campaign": campaign})


def one(request: ActorRequest, pk: int) -> HttpResponseBase:
    """A draft with its preview, which notifies nobody; afterwards how far the campaign is."""
    campaign = _campaign(request, pk)
    if campaign.is_draft:
        return _preview(request, campaign)
    rows = CampaignUnit.objects.filter(campaign=campaign).select_related("unit__county")
    show = request.GET.get("show", "")
    if show in ("open", "done"):
        rows = rows.filter(done_at__isnull=show == "open")
    rows = rows.order_by("unit__county__order", "unit__code", "unit__level")
    if fmt := requested_format(request):
        lines = words.rows(queries.states(campaign, rows))
        return list_file(request, fmt, words.file_name(campaign), words.HEADER, lines, number=rows.count())
    found = queries.progress(campaign)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    year = clock.this_year()
    context = _facts(campaign) | {
        "page": page,
        "states": queries.states(campaign, page.object_list),
        "progress": found,
        "chart": words.chart(campaign, found),
        "show": show,
        "year": year,
        "last_year": year - 1,
        "with_rest": rest_is_due(year, clock.today()),
    }
    return render(request, "courses/campaigns/one.html", context)


def _facts(campaign: Campaign) -> dict[str, Any]:
    return {
        "campaign": campaign,
        "scope": words.scope_words(campaign),
        "steps": words.step_days(campaign),
        "nobody": queries.with_nobody(campaign, clock.today()),
    }


def _preview(request: ActorRequest, campaign: Campaign) -> HttpResponse:
    lights.complete(county_id=campaign.county_id)
    context = _facts(campaign) | {
        "reach": queries.reach(campaign),
        "samples": words.samples(campaign, request.actor),
    }
    return render(request, "courses/campaigns/preview.html", context)


@require_POST
def begin(request: ActorRequest, pk: int) -> HttpResponse:
    campaign = _campaign(request, pk)
    version = whole_number(request.POST.get("version"), 0)
    begun = partial(campaigns.begin, by=request.actor, campaign=campaign, version=version)
    return started(request, begun, back=redirect("courses:campaign", pk=pk))


@require_POST
def go_on(request: ActorRequest, pk: int) -> HttpResponse:
    """Notify those that a cancelled job left out."""
    go = partial(campaigns.go_on, by=request.actor, campaign=_campaign(request, pk))
    return started(request, go, back=redirect("courses:campaign", pk=pk))


@require_POST
def end(request: ActorRequest, pk: int) -> HttpResponse:
    campaign = _campaign(request, pk)
    try:
        campaigns.end(by=request.actor, campaign=campaign)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The campaign is ended. Nothing more is sent."))
    return redirect("courses:campaign", pk=pk)


@require_POST
def discard(request: ActorRequest, pk: int) -> HttpResponse:
    campaign = _campaign(request, pk)
    try:
        campaigns.discard(by=request.actor, campaign=campaign)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("courses:campaign", pk=pk)
    messages.success(request, _("The draft is discarded."))
    return redirect("courses:campaigns")
