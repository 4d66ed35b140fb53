"""The files of a course: those in charge keep them, and everybody takes those that are for them."""

from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.acting import ActorRequest, SiteRequest
from courses.actions import course_files
from courses.enums import CourseFileKind
from courses.forms.course_files import CourseFileForm
from courses.models import Course, CourseFile
from courses.queries.course_files import bytes_of
from courses.rules import may_manage_files
from courses.views.registration import own_course
from files.serving import deliver, show_picture
from kit.errors import Refusal
from kit.form_once import made_once
from kit.form_refusals import add_refusal


def listing(request: ActorRequest, code: str) -> HttpResponse:
    """GET the files and the form; POST another file."""
    course = own_course(request, code)
    if not may_manage_files(request.actor, course):
        messages.error(request, _("Only those in charge of a course keep its files."))
        return redirect("courses:detail", code=code)
    form = CourseFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and _add(request, course, form):
        return redirect("courses:files", code=code)
    context = {
        "course": course,
        "form": form,
        "rows": CourseFile.objects.present().filter(course=course).select_related("file__owner"),
        "used": bytes_of(course),
        "most": settings.COURSE_FILES_MEGABYTES,
        "most_each": settings.COURSE_FILE_MEGABYTES,
    }
    return render(request, "courses/unit/files.html", context)


def _add(request: ActorRequest, course: Course, form: CourseFileForm) -> bool:
    """Return whether the file is added; otherwise the form has the sentence."""
    data: dict[str, Any] = form.cleaned_data
    try:
        add = partial(course_files.add, course=course, by=request.actor, kind=data["kind"])
        make = partial(add, upload=data["file"], open_from=data["open_from"])
        made_once(request, CourseFile.objects.filter(course=course), make)
    except Refusal as refusal:
        add_refusal(form, refusal)
        return False
    messages.success(request, _("The file is kept."))
    return True


@require_POST
def remove(request: ActorRequest, pk: int) -> HttpResponse:
    mine = CourseFile.objects.present().filter(course__in=Course.objects.manageable_by(request.actor))
    row = get_object_or_404(mine.select_related("course"), pk=pk)
    try:
        course_files.remove(row=row, by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The file is deleted."))
    return redirect("courses:files", code=row.course.code)


@login_not_required
@require_safe
def file(request: SiteRequest, pk: int) -> HttpResponseBase:
    """One file: the poster as a picture in the page, everything else as a download."""
    row = get_object_or_404(CourseFile.objects.present(), pk=pk)
    by = request.actor if request.user.is_authenticated else None
    return show_picture(row.file, by=by) if row.kind == CourseFileKind.POSTER else deliver(row.file, by=by)
