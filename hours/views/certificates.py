"""研習證明: made for the people of a course, taken by each person, checked by anybody who holds one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.acting import ActorRequest, SiteRequest
from accounts.queries.unit_history import unit_names
from audit.trace import client_address
from courses.actions.access_log import people_seen
from courses.enums import CourseState
from courses.models import Course, Enrolment
from courses.rules import may_manage
from courses.views.registration import own_course
from hours import jobs
from hours.actions import certificates
from hours.errors import AnswerFirst, TooManyChecks
from hours.presenters import certificates as words
from hours.queries import certificates as queries
from hours.queries import teacher
from jobs import actions
from kit import clock, pdf, tables
from kit.errors import Refusal
from kit.masking import masked_name
from kit.numbers import roc_year, whole_number
from kit.response_headers import as_file
from signin.actions import throttles

PAGE = 100
# Codes that do not exist, from one address in an hour: a school shares one.
MOST_UNKNOWN = 60


def of_course(request: ActorRequest, code: str) -> HttpResponse:
    """Everybody with hours; a POST makes the certificate of one person, or those of all in the background."""
    course = own_course(request, code)
    if course.state != CourseState.CLOSED or not may_manage(request.actor, course):
        messages.error(
            request, _("Certificates are made by the handler or the unit lead, after the course is closed.")
        )
        return redirect("courses:detail", code=code)
    if request.method == "POST":
        return _make(request, course)
    page = Paginator(queries.certifiable(course), PAGE).get_page(request.GET.get("page"))
    people_seen(course, by=request.actor, people=[row.user_id for row in page.object_list])
    return render(request, "hours/certificates.html", {"course": course, "page": page})


def _make(request: ActorRequest, course: Course) -> HttpResponse:
    chosen = whole_number(request.POST.get("enrolment"), 0)
    if not chosen:
        job = actions.start(jobs.CERTIFICATES, by=request.actor, parameters={"course": course.pk})
        return redirect("jobs:job", pk=job.pk)
    try:
        made = certificates.certify(course=course, by=request.actor, enrolment_ids=[chosen])
        return _file(words.drawn(made, course, f"{course.code}_研習證明"))
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("hours:certificates", code=course.code)


def _file(document: pdf.Document) -> HttpResponse:
    response = HttpResponse(document.made(clock.now()), content_type=pdf.TYPE)
    as_file(response, f"{document.title}.pdf")
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def mine(request: ActorRequest, code: str) -> HttpResponse:
    """The certificate of one's own hours."""
    own = Enrolment.objects.of_person(request.actor.user.pk).order_by().values("course")
    course = get_object_or_404(Course.objects.filter(pk__in=own).select_related("unit"), code=code)
    try:
        made = certificates.certify_own(course=course, by=request.actor)
        return _file(words.drawn([made], course, f"{course.code}_研習證明"))
    except AnswerFirst as refusal:
        messages.warning(request, refusal.message)
        return redirect("hours:questionnaire", code=code)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("hours:me")


@require_safe
def my_years(request: ActorRequest, fmt: str) -> HttpResponseBase:
    """One's own record of several years, with the school of each course's day."""
    this = clock.this_year()
    first, last = (roc_year(request.GET.get(name), this) for name in ("first", "last"))
    first, last = min(first, last), max(first, last)
    rows = list(teacher.earned_between(request.user.pk, first, last))
    if fmt == "ods":
        names = unit_names()
        lines = [words.record_cells(row, names) for row in rows]
        return tables.download(f"{first}-{last}_研習紀錄", fmt, words.RECORD, lines)
    if fmt != "pdf":
        raise Http404
    try:
        return _file(words.record_drawn(request.user, rows, first, last))
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("hours:my_record")


@login_not_required
@require_safe
def verify(request: SiteRequest) -> HttpResponse:
    """Show what a certificate is worth to anybody who holds its code; without one, the form to type it."""
    typed = request.GET.get("code", "").strip()
    code = "".join(c for c in typed.upper() if c.isascii() and c.isalnum())
    context: dict[str, Any] = {"typed": typed[:60]}
    status = 200
    if typed:
        try:
            context |= _checked(request, code)
        except TooManyChecks as refusal:
            context["refused"], status = refusal.message, refusal.status
    response = render(request, "hours/verify.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def _checked(request: SiteRequest, code: str) -> dict[str, Any]:
    """Return the facts of a certificate with its name masked. A code that does not exist counts. Raise TooManyChecks."""
    limit = [throttles.shared_limit("certificate", client_address(request), most=MOST_UNKNOWN)]
    throttles.claim(limit, TooManyChecks)
    found = queries.verified(code)
    if found is None:
        return {"unknown": True}
    throttles.succeeded(limit)
    course = found.certificate.course
    return {
        "found": found,
        "course": course,
        "name": masked_name(found.certificate.name),
        "organiser": unit_names().on(course.unit, course.ends_on),
        "days": words.days_of(course),
    }
