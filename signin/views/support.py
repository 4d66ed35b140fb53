"""客服: begin and end a look at a person's pages."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.forms.requests import ReasonForm
from accounts.models import SupportView, User
from kit.errors import Refusal
from kit.form_refusals import what_lacks
from kit.numbers import whole_numbers
from signin.actions import support
from signin.support_view import KEY


@require_POST
def begin(request: ActorRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, what_lacks(form, _("Please give the reason.")))
        return redirect("accounts:person", pk=pk)
    wanted: Any = list(whole_numbers([request.POST.get("hat", "")]))
    hat = get_object_or_404(person.business_accounts, pk=wanted[0]) if wanted else None
    try:
        view = support.begin(by=request.actor, person=person, hat=hat, **form.cleaned_data)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("accounts:person", pk=pk)
    request.session[KEY] = view.pk
    return redirect("home")


@require_POST
def end(request: ActorRequest) -> HttpResponse:
    view = SupportView.objects.filter(pk=request.session.pop(KEY, None)).first()
    if view is None:
        return redirect("home")
    support.end(view=view, by=request.actor)
    messages.success(request, _("The support view has ended."))
    return redirect("accounts:person", pk=view.person_id)
