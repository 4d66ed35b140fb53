"""The page of a person's calendar addresses, and the calendars behind them, which a program reads without a log-in."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.acting import ActorRequest
from audit.trace import client_address
from courses.actions import feeds
from courses.models import FeedAddress
from courses.presenters import calendars
from courses.queries import feeds as found
from courses.queries.watches import saved_searches_of
from courses.views.feed_response import ICS, MOST_OWN, MOST_UNKNOWN, feed_response, too_many
from kit.errors import Refusal


def page(request: ActorRequest) -> HttpResponse:
    """The own addresses. A POST makes one or renews it, and shows it this one time."""
    shown: dict[str, Any] = {}
    if request.method == "POST":
        try:
            row, secret = feeds.make(by=request.actor, of_unit=request.POST.get("of") == "unit")
        except Refusal as refusal:
            messages.error(request, refusal.message)
            return redirect("courses:feeds")
        address = request.build_absolute_uri(reverse("courses:feed", args=[secret]))
        shown = {"new_address": address, "new_pk": row.pk}
    account = request.actor.account if request.actor.is_unit_hat else None
    rows = FeedAddress.objects.filter(person=request.user)
    context = {
        "mine": rows.filter(account=None).first(),
        "unit": account.unit if account else None,
        "of_unit": rows.filter(account=account).first() if account else None,
        "searches": saved_searches_of(request.user.pk),
        "most": found.MOST_OWN,
        "days": found.BACK.days,
        **shown,
    }
    return render(request, "courses/feeds/page.html", context)


@require_POST
def end(request: ActorRequest, pk: int) -> HttpResponse:
    get_object_or_404(FeedAddress, pk=pk, person=request.user)
    feeds.end(by=request.actor, pk=pk)
    messages.success(request, _("The address no longer works."))
    return redirect("courses:feeds")


@login_not_required
@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of a secret address, in its person's language. An address that has ended is like one that never was."""
    row = feeds.find(token)
    if row is None:
        if refused := too_many("unknown", client_address(request), MOST_UNKNOWN):
            return refused
        raise Http404
    if refused := too_many("own", str(row.pk), MOST_OWN):
        return refused
    with translation.override(row.person.language or settings.LANGUAGE_CODE):
        body = _of_unit(row) if row.account else _of_person(row)
    return feed_response(request, body, ICS, name="courses.ics")


def _of_person(row: FeedAddress) -> bytes:
    about = _("Your courses of the last %(days)s days and those ahead, at most %(most)s.")
    entries = calendars.of_person(found.of_person(row.person_id), found.helping_of_person(row.person_id))
    return calendars.calendar(_("My courses"), about % _bounds(), entries)


def _of_unit(row: FeedAddress) -> bytes:
    assert row.account
    unit = row.account.unit
    about = _(
        "The unit's courses of the last %(days)s days and those ahead, with their deadlines, at most %(most)s."
    )
    rows = found.of_unit(unit.pk)
    return calendars.calendar(unit.name, about % _bounds(), calendars.of_unit(rows))


def _bounds() -> dict[str, int]:
    return {"days": found.BACK.days, "most": found.MOST_OWN}
