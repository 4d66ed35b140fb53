"""One business account: facts, the unclosed courses it would leave behind, their offer to a colleague, its end.

Seen by its person, the unit's lead, officers of the county and the operator; for anybody else it does not exist.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.actions import access_log, appointments
from accounts.errors import LeavesUnitWithout
from accounts.forms.requests import ReasonForm
from accounts.models import BusinessAccount
from accounts.queries.people import accounts_in_reach
from accounts.rules import may_appoint, may_stop
from courses.actions import transfers
from courses.forms.oversight import EndForm, OfferForm
from courses.models import TransferRequest
from courses.queries.transfers import unclosed_of
from kit.errors import Refusal
from kit.form_refusals import add_refusal
from kit.refused_texts import refused
from kit.sentence_parts import listed

# Two forms of this page need a reason: a prefix separates their fields.
END, OFFER = "end_%s", "offer_%s"


def account(request: ActorRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    access_log.rows_seen("read.accounts", by=request.actor, rows=[found])
    return render(request, "courses/account.html", _facts(request, found))


def _found(request: ActorRequest, pk: int) -> BusinessAccount:
    return get_object_or_404(accounts_in_reach(request.actor), pk=pk)


def _facts(request: ActorRequest, found: BusinessAccount, **more: object) -> dict[str, object]:
    actor = request.actor
    rows = unclosed_of(found)
    return {
        "account": found,
        "state": found.state(),
        "rows": rows,
        "pending": TransferRequest.objects.filter(course__in=rows, state="pending").select_related(
            "to_account__user"
        ),
        "form": EndForm(auto_id=END),
        "offer_form": OfferForm(found, auto_id=OFFER),
        "reason_form": ReasonForm(initial=_typed(request, found)),
        "may_stop": may_stop(actor, found),
        "may_resume": may_appoint(actor, found.unit, found.role, found.user),
        "is_own": found.user_id == request.user.pk,
        **more,
    }


def _typed(request: ActorRequest, account: BusinessAccount) -> dict[str, Any]:
    return refused(request, *(reverse(f"accounts:{act}", args=[account.pk]) for act in ("suspend", "resume")))


@require_POST
def end(request: ActorRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    form = EndForm(request.POST, auto_id=END)
    if form.is_valid():
        try:
            appointments.end(
                account=found, by=request.actor, confirmed="confirmed" in request.POST, **form.cleaned_data
            )
        except LeavesUnitWithout as question:
            facts = _facts(request, found, form=form, question=question.message)
            return render(request, "courses/account.html", facts)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            _say_ended(request, found)
            return redirect("courses:account", pk=pk)
    return render(request, "courses/account.html", _facts(request, found, form=form))


def _say_ended(request: ActorRequest, found: BusinessAccount) -> None:
    """Show that the account has ended and which courses it leaves; the page below offers to have them moved."""
    left = list(unclosed_of(found))
    if not left:
        messages.success(request, _("The account has ended. It leaves no unclosed course."))
        return
    said = ngettext(
        "The account has ended. %(n)s course is not closed; have it moved to a colleague below: %(courses)s",
        "The account has ended. %(n)s courses are not closed; have them moved to a colleague below: %(courses)s",
        len(left),
    )
    named = listed(f"{course.code} {course.title}" for course in left)
    messages.warning(request, said % {"n": len(left), "courses": named})


@require_POST
def offer(request: ActorRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    form = OfferForm(found, request.POST, auto_id=OFFER)
    if form.is_valid():
        facts = form.cleaned_data
        try:
            made = transfers.offer(by=request.actor, **facts)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(
                request, _("%s courses are offered. The operator approves the transfer.") % len(made)
            )
            return redirect("courses:account", pk=pk)
    return render(request, "courses/account.html", _facts(request, found, offer_form=form))
