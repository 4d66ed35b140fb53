"""The pages of webhooks: the addresses of the own unit, and what was sent to each."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.acting import ActorRequest
from kit.errors import Refusal
from kit.form_once import made_once
from kit.form_refusals import add_refusal
from signin.views.confirmation import confirm_first
from webhooks.actions import webhooks
from webhooks.forms import ReplayForm, WebhookForm
from webhooks.models import Webhook

PAGE = 30


def listed(request: ActorRequest) -> HttpResponse:
    """The webhooks that the hat keeps, with a form for another one."""
    form = WebhookForm(request.POST or None)
    page = Paginator(_own(request), PAGE).get_page(request.GET.get("page"))
    if request.method == "POST" and form.is_valid():
        if away := confirm_first(request, "webhooks:list"):
            return away
        try:
            return _added(request, form)
        except Refusal as refusal:
            add_refusal(form, refusal)
    return render(request, "webhooks/list.html", {"page": page, "form": form})


def _added(request: ActorRequest, form: WebhookForm) -> HttpResponse:
    """The new webhook with its secret; without it for the same page sent again."""
    secrets: list[str] = []

    def add() -> Webhook:
        row, secret = webhooks.add(by=request.actor, **form.cleaned_data)
        secrets.append(secret)
        return row

    once = made_once(request, _own(request), add)
    if once.made:
        return _shown(request, once.made, secret=secrets[0])
    said = _(
        "The page was sent twice. The secret of this webhook was shown when it was made. If you missed it, press “New secret”."
    )
    messages.warning(request, said)
    return redirect("webhooks:webhook", once.pk)


@require_safe
def webhook(request: ActorRequest, pk: int) -> HttpResponse:
    return _shown(request, _found(request, pk))


@require_POST
def end(request: ActorRequest, pk: int) -> HttpResponse:
    return _act(request, pk, webhooks.end, _("The webhook has ended."))


@require_POST
def resume(request: ActorRequest, pk: int) -> HttpResponse:
    return _act(request, pk, webhooks.resume, _("The webhook goes on. What waited is sent within minutes."))


@require_POST
def take_over(request: ActorRequest, pk: int) -> HttpResponse:
    said = _("You keep this webhook now. What waited is sent within minutes.")
    return _act(request, pk, webhooks.take_over, said)


@require_POST
def test(request: ActorRequest, pk: int) -> HttpResponse:
    return _act(request, pk, webhooks.test, _("A test message is on its way. Look here again in a minute."))


@require_POST
def renew_secret(request: ActorRequest, pk: int) -> HttpResponse:
    row = _found(request, pk)
    if away := confirm_first(request, "webhooks:list"):
        return away
    try:
        secret = webhooks.renew_secret(
            webhook=row, by=request.actor, end_former=request.POST.get("end_former") == "on"
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("webhooks:webhook", pk)
    return _shown(request, _found(request, pk), secret=secret)


@require_POST
def replay(request: ActorRequest, pk: int) -> HttpResponse:
    row, form = _found(request, pk), ReplayForm(request.POST)
    if form.is_valid():
        try:
            count = webhooks.replay(webhook=row, by=request.actor, **form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            said = ngettext("%(count)s message is sent again.", "%(count)s messages are sent again.", count)
            messages.success(request, said % {"count": count})
            return redirect("webhooks:webhook", pk)
    return _shown(request, row, replay_form=form)


def _own(request: ActorRequest) -> QuerySet[Webhook]:
    rows = Webhook.objects.managed_by(request.actor).select_related("account__user", "account__unit")
    return rows.order_by(F("ended_at").desc(nulls_first=True), "-id")


def _found(request: ActorRequest, pk: int) -> Webhook:
    return get_object_or_404(_own(request), pk=pk)


def _shown(request: ActorRequest, row: Webhook, **more: object) -> HttpResponse:
    page = Paginator(row.deliveries.order_by("-id"), PAGE).get_page(request.GET.get("page"))
    context = {"row": row, "page": page, "replay_form": ReplayForm()}
    return render(
        request,
        "webhooks/webhook.html",
        context | {"may_take_over": row.is_left and row.has_reach_of(request.actor)} | more,
    )


def _act(request: ActorRequest, pk: int, action: Any, said: str) -> HttpResponse:
    try:
        action(webhook=_found(request, pk), by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, said)
    return redirect("webhooks:webhook", pk)
