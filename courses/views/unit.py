"""The unit's side: what is due, 本單位研習課程瀏覽, one course."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import BusinessAccount
from accounts.views.guards import unit_hat_required
from audit.models import AuditEvent
from courses.actions import reminders
from courses.enums import SEATED, CourseState, TransferState
from courses.models import Course, Enrolment, TransferRequest, YearlyPolicy
from courses.queries.lights import light_of, registration_is_open
from courses.rules import may_manage
from courses.views.registration import own_course
from inservice import clock
from inservice.errors import Refusal

PAGE = 50


def _annotated(rows: Any) -> Any:
    # A count for each row that is shown, not a join of all before they are sorted.
    seated = Enrolment.objects.filter(course=OuterRef("pk"), state__in=SEATED).order_by().values("course")
    people = Coalesce(Subquery(seated.annotate(n=Count("pk")).values("n")), 0)
    return rows.select_related("handler__user", "handler__unit", "unit").annotate(people=people)


def _dress(rows: Any, request: HttpRequest) -> list[Course]:
    """Each course with its due day, the days left (negative: overdue) and whether this person may act on it."""
    policies = YearlyPolicy.objects.current()
    today = clock.today()
    dressed = list(rows)
    for row in dressed:
        policy = policies.get(row.year or 0, YearlyPolicy(year=row.year or clock.this_year()))
        row.due_on = policy.due_on(row.ends_on) if row.ends_on else None
        row.days_left = (row.due_on - today).days if row.due_on else None
        row.days_over = -row.days_left if row.days_left is not None and row.days_left < 0 else 0
        row.mine = may_manage(request.actor, row)  # type: ignore[attr-defined]
        row.handler_left = not row.handler.is_active(today)
        row.is_over = row.has_ended()
    return dressed


@unit_hat_required
def home(request: HttpRequest) -> HttpResponse:
    unit = request.actor.account.unit  # type: ignore[attr-defined]
    year, today = clock.this_year(), clock.today()
    own = Course.objects.of_unit(unit.pk)
    causes = _dress(_annotated(own.lighting(year, today)).order_by("ends_on", "id"), request)
    due = _dress(_annotated(own.closable()).order_by("ends_on", "id")[:60], request)
    lit = {course.pk for course in causes}
    context = {
        "unit": unit,
        "light": light_of(unit),
        "open_now": registration_is_open(unit.pk),
        "policy": YearlyPolicy.objects.in_force(year),
        "causes": causes,
        "due": [course for course in due if course.pk not in lit],
        "ahead": _dress(
            _annotated(own.unclosed().filter(ends_on__gte=today)).order_by("starts_on", "id")[:10], request
        ),
        "pending": TransferRequest.objects.filter(to_account__unit=unit, state=TransferState.PENDING).count(),
    }
    return render(request, "courses/unit/home.html", context)


@unit_hat_required
def courses(request: HttpRequest) -> HttpResponse:
    unit_id = request.actor.unit_id  # type: ignore[attr-defined]
    years = _years(unit_id)
    year = whole_number(request.GET.get("year"), clock.this_year())
    rows = Course.objects.of_unit(unit_id).of_year(year)
    state = request.GET.get("state", "")
    if state in CourseState.values:
        rows = rows.filter(state=state)
    rows = rows.matching(request.GET.get("q", "")[:100])
    if handler := whole_number(request.GET.get("handler"), 0):
        rows = rows.filter(handler_id=handler)
    page = Paginator(_annotated(rows).order_by("-starts_on", "-id"), PAGE).get_page(request.GET.get("page"))
    page.object_list = _dress(page.object_list, request)
    context = {
        "page": page,
        "years": sorted({*years, year}, reverse=True),
        "year": year,
        "state": state,
        "states": [(v, label) for v, label in CourseState.choices],
        "handlers": _handlers(unit_id),
        "handler": handler,
    }
    return render(request, "courses/unit/courses.html", context)


def _years(unit_id: int) -> list[int]:
    found = (
        Course.objects.of_unit(unit_id)
        .exclude(year=None)
        .order_by()
        .values_list("year", flat=True)
        .distinct()
    )
    return [*found, clock.this_year()]


def _handlers(unit_id: int) -> list[tuple[int, str, str]]:
    has_courses = Exists(Course.objects.filter(handler=OuterRef("pk")))
    rows = BusinessAccount.objects.of_unit(unit_id).filter(has_courses).order_by("number")
    return list(rows.values_list("pk", "user__name", "number"))


def whole_number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else default


@unit_hat_required
@require_POST
def notify(request: HttpRequest) -> HttpResponse:
    chosen = [whole_number(pk, 0) for pk in request.POST.getlist("course")]
    back = redirect("courses:unit_courses")
    back["Location"] += "?state=registered"
    if not chosen:
        messages.warning(request, _("Choose at least one course first."))
        return back
    try:
        told = reminders.notify_handlers(by=request.actor, course_ids=chosen)  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return back
    messages.success(
        request,
        _("%(courses)s courses: %(told)s people told now, %(before)s had been told today already.")
        % {"courses": told.courses, "told": told.told, "before": told.people - told.told},
    )
    return back


@unit_hat_required
def detail(request: HttpRequest, code: str) -> HttpResponse:
    course = own_course(request, code)
    states = dict(course.enrolments.order_by().values_list("state").annotate(n=Count("pk")))
    context = {
        "course": _dress([course], request)[0],
        "sessions": course.sessions.all(),
        "instructors": course.instructors.all(),
        "people": sum(states.get(state, 0) for state in SEATED),
        "applied": states.get("applied", 0),
        "waiting": states.get("waitlisted", 0),
        "history": AuditEvent.objects.filter(object_type="courses.course", object_id=str(course.pk)).order_by(
            "-id"
        )[:30],
    }
    return render(request, "courses/unit/detail.html", context)
