"""時數疑義: the objections of teachers, and the replies."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.actions import access_log
from hours.actions import objections
from hours.enums import ObjectionState
from hours.forms.corrections import AnswerForm
from hours.models import Objection
from hours.queries.objections import visible_to
from kit.errors import Refusal


def _visible(request: ActorRequest) -> QuerySet[Objection]:
    rows = visible_to(request.actor)
    return rows.select_related("enrolment__user", "enrolment__course__handler__user", "answered_by")


def index(request: ActorRequest) -> HttpResponse:
    rows = _visible(request)
    waiting = rows.filter(state=ObjectionState.OPEN).order_by("raised_at", "id")
    answered = rows.filter(state=ObjectionState.ANSWERED).order_by("-answered_at", "-id")
    context = {
        "open": Paginator(waiting, 50).get_page(request.GET.get("open")),
        "page": Paginator(answered, 20).get_page(request.GET.get("page")),
    }
    shown = [*context["open"].object_list, *context["page"].object_list]
    access_log.rows_seen("read.objections", by=request.actor, rows=shown)
    return render(request, "hours/objections.html", context)


@require_POST
def answer(request: ActorRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(_visible(request), pk=pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["text"])))
        return redirect("hours:objections")
    try:
        objections.answer(objection=row, by=request.actor, text=form.cleaned_data["text"])
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Answered. The teacher has been notified."))
    return redirect("hours:objections")
