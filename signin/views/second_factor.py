"""The operator takes a lost second factor off."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.forms.requests import ReasonForm
from accounts.models import User
from kit.errors import Refusal
from kit.form_refusals import what_lacks
from signin.actions import second_factor


@require_POST
def reset_second_factor(request: ActorRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, what_lacks(form, _("Please give the reason.")))
    else:
        try:
            second_factor.reset_second_factor(person=found, by=request.actor, **form.cleaned_data)
        except Refusal as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(
                request, _("The second step is taken off, and every session of the person has ended.")
            )
    return redirect("accounts:person", pk=pk)
