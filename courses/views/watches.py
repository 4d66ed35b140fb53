"""What a person asked to be notified of: the opening of enrolment, and new courses of saved searches."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from courses.actions import watches
from courses.enums import CourseState
from courses.models import Course
from courses.queries.watches import saved_searches_of, waiting_watches
from kit.errors import Refusal
from kit.next_page import own_path
from notices.enums import Category
from notices.mail_preferences import switched_off


def page(request: ActorRequest) -> HttpResponse:
    context = {
        "watches": waiting_watches(request.user.pk),
        "searches": saved_searches_of(request.user.pk),
        "most": watches.MOST,
        "mail_is_off": Category.WATCHES in switched_off(request.user.pk),
    }
    return render(request, "courses/watches.html", context)


@require_POST
def course(request: ActorRequest, code: str) -> HttpResponse:
    """Request a notice of a course, or end the request with `stop`."""
    row = get_object_or_404(Course.objects.exclude(state=CourseState.DRAFT), code=code)
    if "stop" in request.POST:
        watches.stop_course(by=request.actor, course=row)
        messages.success(request, _("You will not be notified of this course."))
    else:
        try:
            watches.watch_course(by=request.actor, course=row)
        except Refusal as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("You will be notified when enrolment opens."))
    target = own_path(request, request.POST.get("next", ""))
    return redirect(target) if target else redirect("courses:public", code=code)


@require_POST
def search(request: ActorRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(saved_searches_of(request.user.pk), pk=pk)
    is_on = "stop" not in request.POST
    if watches.watch_search(by=request.actor, search=row, is_on=is_on):
        said = _("You will be notified of new courses of “%(name)s”.")
        if not is_on:
            said = _("You will no longer be notified of new courses of “%(name)s”.")
        messages.success(request, said % {"name": row.name})
    return redirect("courses:watches")
