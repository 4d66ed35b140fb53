"""An invitation is sent again by one click on the staff list."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.queries.staff import places_in_reach
from kit.errors import Refusal
from signin.actions import invitations


@require_POST
def send_again(request: ActorRequest, pk: int) -> HttpResponse:
    place = get_object_or_404(places_in_reach(request.actor), pk=pk)
    try:
        invitations.send_again(person=place.user, unit=place.unit, by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The invitation is on its way."))
    return redirect("accounts:staff_of", pk=place.unit_id)
