"""停班停課: a county's suspensions, the preview of the courses that one would postpone, and what became of them."""

from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, F, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from courses.actions import suspensions
from courses.forms.suspensions import SuspensionForm
from courses.models import Suspension
from courses.queries.suspensions import people_reached, reached, suspensions_of
from jobs.delivery import started
from kit import clock
from kit.errors import Refusal
from kit.form_refusals import add_refusal
from kit.previews import is_seen, mark_of

PAGE = 50


def _suspension(request: ActorRequest, pk: int) -> Suspension:
    return get_object_or_404(suspensions_of(request.actor), pk=pk)


def index(request: ActorRequest) -> HttpResponse:
    rows = suspensions_of(request.actor).annotate(
        reached=Count("postponements"),
        open=Count("postponements", filter=Q(postponements__settled_at=None)),
    )
    page = Paginator(rows.order_by("-day", "-id"), PAGE).get_page(request.GET.get("page"))
    return render(request, "courses/suspensions/index.html", {"page": page})


def new(request: ActorRequest) -> HttpResponse:
    """The form, then the preview of the courses, which must be seen before anything is postponed."""
    form = SuspensionForm(request.POST or None, by=request.actor)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            row = suspensions.prepare(by=request.actor, facts=form.facts)
            courses = (
                reached(row).select_related("unit", "handler__user").order_by("unit__code", "starts_on", "pk")
            )
            mark = mark_of(
                "suspension", [row.county_id, row.day, row.scope, *courses.values_list("pk", flat=True)]
            )
            if is_seen(request, mark):
                _row, job = suspensions.announce(by=request.actor, facts=form.facts)
                return redirect("jobs:job", pk=job.pk)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            page = Paginator(courses, PAGE * 10).get_page(1)
            context |= {"suspension": row, "mark": mark, "page": page, "people": people_reached(courses)}
    return render(request, "courses/suspensions/form.html", context)


def one(request: ActorRequest, pk: int) -> HttpResponse:
    """The courses of a suspension, and what became of each."""
    row = _suspension(request, pk)
    rows = row.postponements.select_related("course__unit", "course__handler__user")
    page = Paginator(rows.order_by(F("settled_at").asc(nulls_first=True), "course__unit__code", "pk"), PAGE)
    left = 0 if row.ended_at else reached(row).count()
    context = {
        "suspension": row,
        "page": page.get_page(request.GET.get("page")),
        "may_take_back": row.ended_at is None and clock.now() < row.starts_at,
        "left": left,
        "waiting": rows.filter(settled_at=None).count(),
    }
    return render(request, "courses/suspensions/one.html", context)


@require_POST
def take_back(request: ActorRequest, pk: int) -> HttpResponse:
    begin = partial(suspensions.take_back, by=request.actor, suspension=_suspension(request, pk))
    return started(request, begin, back=redirect("courses:suspension", pk=pk))


@require_POST
def go_on(request: ActorRequest, pk: int) -> HttpResponse:
    """Do what a job that was cancelled has left out."""
    begin = partial(suspensions.go_on, by=request.actor, suspension=_suspension(request, pk))
    return started(request, begin, back=redirect("courses:suspension", pk=pk))
