"""The state of the system, for the operator."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.acting import ActorRequest
from checks import system, trial_mail
from checks.findings import State, worst
from kit import clock


@never_cache
@require_safe
def state_of_the_system(request: ActorRequest) -> HttpResponse:
    found = system.state()
    order = (State.BAD, State.WARN, State.WELL)
    context = {
        "results": sorted(found, key=lambda row: order.index(row.state)),
        "worst": worst(found),
        "now": clock.now(),
    }
    return render(request, "checks/system.html", context)


@require_POST
def send_trial_mail(request: ActorRequest) -> HttpResponse:
    failure = trial_mail.send_to_operator(request.actor)
    if failure:
        messages.error(request, failure)
    else:
        messages.success(
            request, _("The mail server took the test mail to %s. Please look for it.") % request.user.email
        )
    return redirect("checks:system")
