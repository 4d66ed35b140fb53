"""The draft that the closing page's script saves by itself, and the news it loads when the window gets the focus again."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.acting import ActorRequest
from courses.queries.hour_steps import hour_step
from courses.rules import require_manager
from courses.views.registration import own_course
from hours.actions import drafts
from hours.actions.closing import refuse_closed
from hours.errors import NewerDraft
from hours.forms import closing as sheets
from hours.forms.closing_post import MOST_FIELDS
from hours.models import Closing
from hours.queries.drafts import if_newer, newest
from hours.views.conflicts import base_of, conflict_with
from kit import clock
from kit.errors import Refusal
from kit.long_forms import long_form
from kit.numbers import whole_number


@long_form(MOST_FIELDS)
@require_http_methods(["GET", "POST"])
def draft(request: ActorRequest, code: str) -> HttpResponse:
    """GET returns whether another person changed the sheet; POST saves it. 409 with a fragment on a conflict."""
    course = own_course(request, code)
    try:
        return _save(request, course) if request.method == "POST" else _news(request, course)
    except Refusal as refusal:
        closing = Closing.objects.filter(course=course).first()
        context = {"course": course, "sentence": refusal.message, "closing": closing}
        return _piece(request, "hours/partials/closing_refused.html", context, status=409)


def _save(request: ActorRequest, course: Any) -> HttpResponse:
    page = sheets.posted(course, hour_step(course), request.POST)
    try:
        saved = drafts.save(
            course=course,
            by=request.actor,
            sheet=page.sheet,
            base=base_of(request),
            page=page.key,
        )
    except NewerDraft as newer:
        context = {"course": course, "conflict": conflict_with(request, page, newer.draft)}
        return _piece(request, "hours/partials/closing_conflict.html", context, status=409)
    said = _("Draft saved %(clock)s") % {"clock": f"{saved.saved_at.astimezone(clock.TAIPEI):%H:%M}"}
    facts: dict[str, Any] = {"version": saved.version, "said": said}
    if not page.list_changed:
        return JsonResponse(facts)
    return _piece(request, "hours/partials/closing_list.html", {"sheet": page, "offer": True}, **facts)


def _news(request: ActorRequest, course: Any) -> HttpResponse:
    require_manager(request.actor, course)
    refuse_closed(course)
    base, page = whole_number(request.GET.get("base"), 0), request.GET.get("page", "")
    last = newest(course.pk)
    newer = if_newer(last, base, page)
    if newer is None:
        return JsonResponse({"version": last.version if last else 0})
    own = newer.saved_by_id == request.user.pk
    context = {"course": course, "draft": newer, "is_own": own}
    return _piece(request, "hours/partials/closing_presence.html", context, version=newer.version, own=own)


def _piece(
    request: ActorRequest, template: str, context: dict[str, Any], status: int = 200, **facts: Any
) -> HttpResponse:
    html = render_to_string(template, context, request)
    return JsonResponse({"html": html, **facts}, status=status)
