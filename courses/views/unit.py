"""The unit's side: what is due, 本單位研習課程瀏覽, one course."""

from dataclasses import replace

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.models import BusinessAccount
from audit.models import AuditEvent
from courses.actions import reminders
from courses.enums import SEATED, CourseState, Phase
from courses.jobs import chased
from courses.models import Course, Enrolment, YearlyPolicy
from courses.models.querysets import CourseQuerySet
from courses.presenters import lists
from courses.presenters.ahead_list import ahead_rows, by_meeting
from courses.presenters.audience import audience_words
from courses.presenters.campaigns import asked_here
from courses.presenters.course_rows import course_rows
from courses.presenters.course_set_up import set_up
from courses.presenters.due_list import due_rows
from courses.presenters.unit_list import list_rows
from courses.queries import in_charge, queues, unit_outlook
from courses.queries.desk_rows import on_desk
from courses.queries.lights import overdue_now
from courses.queries.phase import load_for_phase
from courses.queries.timeline import timeline
from courses.rules import may_name_second_handler, may_set_audience
from courses.views.registration import own_course
from jobs.delivery import list_file, requested_format
from kit import clock
from kit.errors import Refusal
from kit.numbers import roc_year, whole_number, whole_numbers
from kit.refused_texts import refused
from kit.search_texts import search_text

PAGE, AHEAD = 50, 10
# What the unit's list reads of a course.
IN_LIST = (
    "code", "title", "state", "unit", "year", "starts_on", "ends_on", "ends_at", "postponed_at", "enrol_from", "enrol_until",
    "notified_at", "notified_by",
)  # fmt: skip


def _annotated(rows: CourseQuerySet) -> CourseQuerySet:
    """Return courses with what the rows of the list show, and nothing else of them."""
    # A count for each row that is shown, not a join of all before they are sorted.
    seated = Enrolment.objects.participants().filter(course=OuterRef("pk"), state__in=SEATED).order_by()
    people = Coalesce(Subquery(seated.values("course").annotate(n=Count("pk")).values("n")), 0)
    return (
        rows.select_related("handler__user", "co_handler__user")
        .annotate(people=people)
        .only(*IN_LIST, *in_charge.COLUMNS)
    )


def home(request: ActorRequest) -> HttpResponse:
    """待辦事項: the courses and the outlook come from one query, what waits besides from another."""
    actor, year, today = request.actor, clock.this_year(), clock.today()
    policies = YearlyPolicy.objects.current()
    unclosed = on_desk(actor.appointment.unit_id, year, today, policies)
    outlook = unit_outlook.outlook(unclosed, year, today, policies)
    rows = course_rows(unclosed, actor, policies)
    if len(rows) == unit_outlook.MOST:
        outlook = replace(outlook, overdue=overdue_now(actor.appointment.unit_id))
    over = [row for row in rows if row.is_over]
    mine = [row for row in over if row.course.is_handled_by(actor.appointment.pk)]
    ahead = by_meeting(row.course for row in rows if not row.is_over)
    reviews = [course for course in unclosed if unit_outlook.counts_of(course).applied]
    theirs = [row for row in over if not row.course.is_handled_by(actor.appointment.pk)]
    waiting, token = queues.of_unit(actor), get_token(request)
    context = {
        "unit": actor.appointment.unit,
        "outlook": outlook,
        "mine": mine,
        "mine_over": sum(bool(row.days_over) for row in mine),
        "mine_lines": due_rows(mine, own=True, token=token),
        "theirs": theirs,
        "theirs_lines": due_rows(theirs, own=False, token=token),
        "ahead": ahead[:AHEAD],
        "ahead_lines": ahead_rows(ahead[:AHEAD]),
        # Only the page without anything to close runs this query.
        "has_closed": Course.objects.of_unit(actor.appointment.unit_id)
        .filter(state=CourseState.CLOSED)
        .exists,
        "more_ahead": len(ahead) > AHEAD,
        "reviews": reviews,
        "waiting": waiting,
        "something_waits": bool(reviews) or any(queue.count for queue in waiting.values()),
        "asked": asked_here(actor),
        "more": len(rows) == unit_outlook.MOST,
    }
    return render(request, "courses/unit/home.html", context)


def courses(request: ActorRequest) -> HttpResponseBase:
    unit_id = request.actor.appointment.unit_id
    years = _years(unit_id)
    year = roc_year(request.GET.get("year"), clock.this_year())
    rows = Course.objects.of_unit(unit_id).of_year(year)
    state = request.GET.get("state", "")
    if state in CourseState.values:
        rows = rows.filter(state=state)
    elif state == Phase.POSTPONED:
        rows = rows.postponed()
    rows = rows.matching(search_text(request, request.GET.get("q", "")))
    if handler := whole_number(request.GET.get("handler"), 0):
        rows = rows.handled_by(handler)
    rows = rows.order_by("-starts_on", "-id")
    if fmt := requested_format(request):
        name = f"{request.actor.appointment.unit.code}_{year}_研習課程"
        return list_file(request, fmt, name, lists.COURSES, lists.courses(rows), number=rows.count())
    page = Paginator(_annotated(rows), PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    load_for_phase(shown)
    rows_shown = course_rows(shown, request.actor)
    context = {
        "page": page,
        "rows": rows_shown,
        "lines": list_rows(
            rows_shown, refused(request, reverse("courses:notify_handlers")).get("course", ())
        ),
        "years": sorted({*years, year}, reverse=True),
        "year": year,
        "state": state,
        "states": [*CourseState.choices, (Phase.POSTPONED.value, Phase.POSTPONED.label)],
        "handlers": _handlers(unit_id),
        "handler": handler,
    }
    return render(request, "courses/unit/courses.html", context)


def _years(unit_id: int) -> list[int]:
    found = Course.objects.of_unit(unit_id).exclude(year=None).order_by().values_list("year", flat=True)
    return [*(year for year in found.distinct() if year), clock.this_year()]


def _handlers(unit_id: int) -> list[tuple[int, str, str]]:
    has_courses = Exists(Course.objects.filter(handler=OuterRef("pk")))
    rows = BusinessAccount.objects.of_unit(unit_id).filter(has_courses).order_by("number")
    return list(rows.values_list("pk", "user__name", "number"))


@require_POST
def notify(request: ActorRequest) -> HttpResponse:
    chosen = whole_numbers(request.POST.getlist("course"))
    back = redirect("courses:unit_home" if request.POST.get("back") == "home" else "courses:unit_courses")
    query = request.GET.urlencode() or "state=registered"
    back["Location"] += "" if request.POST.get("back") == "home" else f"?{query}"
    if not chosen:
        messages.warning(request, _("Choose at least one course first."))
        return back
    try:
        told = reminders.notify_handlers(by=request.actor, course_ids=chosen)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return back
    say = messages.warning if told.untold else messages.success
    say(request, chased(told))
    return back


def detail(request: ActorRequest, code: str) -> HttpResponse:
    course = own_course(request, code)
    once = course.enrolments.participants().counting_once().order_by()
    states = dict(once.values_list("state").annotate(n=Count("pk")))
    acts = AuditEvent.objects.filter(object_type="courses.course", object_id=str(course.pk))
    history = Paginator(timeline(course), 30).get_page(request.GET.get("history"))
    may_set, audience = may_set_audience(request.actor, course), audience_words(course)
    context = {
        "course": course,
        "row": course_rows([course], request.actor)[0],
        "co_is_active": course.co_handler is not None and course.co_handler.is_active(),
        "may_set_audience": may_set,
        "lines": set_up(course, audience) if may_set else [],
        "audience": audience,
        "may_name": may_name_second_handler(request.actor, course),
        "sessions": course.sessions.all(),
        "instructors": course.instructors.all(),
        "people": sum(states.get(state, 0) for state in SEATED),
        "applied": states.get("applied", 0),
        "waiting": states.get("waitlisted", 0),
        "history": history,
        "to_check": not course.has_ended() and _came_unchecked(acts),
    }
    return render(request, "courses/unit/detail.html", context)


def _came_unchecked(acts: QuerySet[AuditEvent]) -> bool:
    """Return whether the course came from another handler and has not been saved since: link and approval number may be outdated."""
    telling = acts.filter(action__in=["course.transfer", "course.update"]).order_by("-id")
    return telling.values_list("action", flat=True).first() == "course.transfer"
