"""The operator's list of mail that could not be delivered."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.actions.undelivered_mail import send_again
from audit import log
from kit import clock
from kit.errors import Refusal
from kit.numbers import whole_numbers
from notices.models import Notice

PAGE = 50


def undelivered(request: ActorRequest) -> HttpResponse:
    """List mail that was given up, the latest first, with the reply of the mail server."""
    rows = Notice.objects.given_up().select_related("recipient").order_by("-given_up_at", "-id")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    actor = request.actor
    people = {row.recipient_id for row in page.object_list if row.recipient_id}
    log.record_read("read.mail", actor.appointment, by=actor, subjects=people)
    return render(request, "accounts/undelivered_mail.html", {"page": page, "now": clock.now()})


@require_POST
def again(request: ActorRequest) -> HttpResponse:
    ids = None if "all" in request.POST else set(whole_numbers(request.POST.getlist("mail")))
    try:
        count = send_again(by=request.actor, ids=ids)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("accounts:undelivered_mail")
    if count:
        said = ngettext("%(n)s e-mail will be sent again.", "%(n)s e-mails will be sent again.", count)
        messages.success(request, said % {"n": count})
    else:
        messages.warning(request, _("No e-mail was chosen that can be sent again."))
    return redirect("accounts:undelivered_mail")
