"""時數疑義: the objections that a unit or a county has to reply to, and the replies."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.actions import access_log
from courses.enums import Participation
from courses.queries.hour_steps import hour_step
from hours.actions import objections
from hours.enums import WAITING
from hours.forms.corrections import STATES, AnswerForm
from hours.models import Objection
from hours.presenters.objection_steps import views_of
from hours.queries.objections import RELATED, passed_on_to, visible_to
from kit.errors import Refusal
from kit.form_refusals import add_refusal


def index(request: ActorRequest) -> HttpResponse:
    return _list(request, visible_to(request.actor), "hours:answer_objection")


def county(request: ActorRequest) -> HttpResponse:
    """What was passed on to the county, or to the operator."""
    return _list(request, passed_on_to(request.actor), "hours:county_answer")


def _list(
    request: ActorRequest,
    rows: QuerySet[Objection],
    route: str,
    refused: tuple[int, AnswerForm] | None = None,
) -> HttpResponse:
    rows = rows.select_related(*RELATED)
    waiting = rows.filter(state__in=WAITING).order_by("raised_at", "id")
    settled = rows.exclude(state__in=WAITING).order_by("-answered_at", "-id")
    is_open, page = (
        Paginator(waiting, 50).get_page(request.GET.get("open")),
        Paginator(settled, 20).get_page(request.GET.get("page")),
    )
    shown = [*is_open.object_list, *page.object_list]
    access_log.rows_seen("read.objections", by=request.actor, rows=shown)
    context: dict[str, Any] = {
        "open": is_open,
        "page": page,
        "waiting": views_of(is_open.object_list, request.actor),
        "settled": views_of(page.object_list, request.actor),
        "states": STATES,
        "parts": Participation.choices,
        "route": route,
        "refused": refused[0] if refused else 0,
        "form": refused[1] if refused else None,
    }
    return render(request, "hours/objections.html", context)


@require_POST
def answer(request: ActorRequest, pk: int) -> HttpResponse:
    return _answer(request, visible_to(request.actor), pk, "hours:answer_objection", "hours:objections")


@require_POST
def county_answer(request: ActorRequest, pk: int) -> HttpResponse:
    return _answer(request, passed_on_to(request.actor), pk, "hours:county_answer", "hours:county_objections")


def _answer(request: ActorRequest, rows: QuerySet[Objection], pk: int, route: str, back: str) -> HttpResponse:
    row = get_object_or_404(rows.select_related(*RELATED), pk=pk)
    form = AnswerForm(request.POST, course=row.course, step=hour_step(row.course), auto_id=f"%s_{pk}")
    if form.is_valid():
        try:
            text, correction = form.cleaned_data["text"], form.correction
            objections.answer(objection=row, by=request.actor, text=text, correction=correction)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Answered. The teacher has been notified."))
            return redirect(back)
    return _list(request, rows, route, (pk, form))
