"""The operator's desk: counties, units, business accounts, the yearly policy, tombstones."""

from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Count, Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.acting import ActorRequest
from accounts.actions import access_log, appointments
from accounts.models import BusinessAccount
from accounts.presenters.account_table import ACCOUNTS, account_rows
from accounts.queries.units import known_by
from courses.actions import lights, policies
from courses.enums import CourseState
from courses.forms.oversight import AccountForm, PolicyForm
from courses.models import Course, YearlyPolicy
from courses.presenters import lists
from courses.presenters.counties import county_rows
from courses.queries import oversight, queues, system_state
from courses.queries.policy_effect import Effect
from jobs.delivery import list_file, requested_format
from kit import clock
from kit.errors import Refusal
from kit.form_refusals import add_refusal
from kit.numbers import roc_year
from kit.search_texts import search_text
from kit.texts import contains_word, fold

PAGE = 50


def home(request: ActorRequest) -> HttpResponse:
    """What waits, whether the clockwork runs, the counties by need."""
    year, now = clock.this_year(), clock.now()
    lights.complete()
    waiting = queues.of_operator(request.actor)
    rows = county_rows(oversight.counties(year), oversight.reds_by_month(year))
    context = {
        "year": year,
        "counties": rows,
        "has_no_schools": not any(getattr(row.county, "units_total", 0) for row in rows),
        "queues": waiting,
        "works": system_state.state(year, now, waiting["outbox"].oldest),
    }
    return render(request, "courses/operator/home.html", context)


def accounts(request: ActorRequest) -> HttpResponseBase:
    rows = BusinessAccount.objects.select_related("user", "unit__county").order_by("number")
    for word in fold(search_text(request, request.GET.get("q", ""))).split():
        rows = rows.filter(
            Q(number__istartswith=word) | contains_word("user__name", word) | known_by(word, "unit")
        )
    state = request.GET.get("state", "")
    if state in ("active", "ended"):
        rows = rows.active() if state == "active" else rows.ended()
    if fmt := requested_format(request):
        lines = account_rows(rows.iterator(chunk_size=1000))
        return list_file(request, fmt, "業務帳號", ACCOUNTS, lines, number=rows.count())
    unclosed = Count("courses", filter=Q(courses__state=CourseState.REGISTERED))
    page = Paginator(rows.annotate(unclosed=unclosed), PAGE).get_page(request.GET.get("page"))
    access_log.rows_seen("read.accounts", by=request.actor, rows=page.object_list)
    return render(
        request, "courses/operator/accounts.html", {"page": page, "state": state, "today": clock.today()}
    )


def appoint(request: ActorRequest) -> HttpResponse:
    form = AccountForm(request.POST or None, initial={"valid_from": clock.today(), "role": "handler"})
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            made = appointments.appoint(
                user=facts["email"],
                unit=facts["unit"],
                role=facts["role"],
                valid_from=facts["valid_from"],
                valid_until=facts["valid_until"],
                by=request.actor,
            )
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(
                request,
                _("The account %(number)s is given to %(name)s.")
                % {"number": made.number, "name": made.user.name},
            )
            return redirect("courses:account", pk=made.pk)
    return render(request, "courses/operator/appoint.html", {"form": form})


def policy(request: ActorRequest) -> HttpResponse:
    """The year's settings. What was typed is shown with its effect first; the same values sent again are written."""
    year = roc_year(request.GET.get("year"), clock.this_year())
    if not 90 <= year <= clock.this_year() + 2:
        year = clock.this_year()
    current = YearlyPolicy.objects.in_force(year)
    form = PolicyForm(
        request.POST or None,
        instance=YearlyPolicy(year=year, **_values(current)),
        initial={"version": current.version},
    )
    effect = None
    if request.method == "POST" and form.is_valid():
        if form.is_seen and _changed(request, year, form):
            return redirect(f"{request.path}?year={year}")
        effect = _foreseen(request, year, form)
    return render(request, "courses/operator/policy.html", _policy_context(year, current, form, effect))


def _policy_context(
    year: int, current: YearlyPolicy, form: PolicyForm, effect: Effect | None
) -> dict[str, Any]:
    history = YearlyPolicy.objects.filter(year=year).select_related("changed_by").order_by("-version")
    return {
        "form": form,
        "year": year,
        "current": current,
        "effect": effect,
        "seen": form.mark() if effect else "",
        "differences": _differences(current, form) if effect else [],
        "years": range(clock.this_year() + 1, clock.this_year() - 4, -1),
        "names": [_label(name) for name in policies.EDITABLE],
        "rows": [(row, [getattr(row, name) for name in policies.EDITABLE]) for row in history],
    }


def _differences(current: YearlyPolicy, form: PolicyForm) -> list[tuple[object, object, object]]:
    """What changes: the setting, its value now, the new one."""
    pairs = [(name, getattr(current, name), value) for name, value in form.values().items()]
    return [(_label(name), old, new) for name, old, new in pairs if old != new]


def _label(name: str) -> object:
    return cast("models.Field[Any, Any]", YearlyPolicy._meta.get_field(name)).verbose_name


def _values(current: YearlyPolicy) -> dict[str, Any]:
    return {name: getattr(current, name) for name in policies.EDITABLE}


def _foreseen(request: ActorRequest, year: int, form: PolicyForm) -> Effect | None:
    """Return the effect of the change; None when it is refused, with the error on the form."""
    if form.errors:
        return None
    try:
        return policies.foresee(
            year=year,
            by=request.actor,
            version=form.cleaned_data["version"],
            values=form.values(),
        )
    except Refusal as refusal:
        form.add_error(None, refusal.message)
        return None


def _changed(request: ActorRequest, year: int, form: PolicyForm) -> bool:
    try:
        policies.change(
            year=year,
            by=request.actor,
            version=form.cleaned_data["version"],
            reason=form.cleaned_data["reason"],
            values=form.values(),
        )
    except Refusal as refusal:
        add_refusal(form, refusal)
        return False
    messages.success(request, _("The policy is changed and every light has been counted anew."))
    return True


def withdrawn(request: ActorRequest) -> HttpResponseBase:
    rows = Course.objects.filter(state=CourseState.WITHDRAWN).select_related(
        "unit__county", "withdrawn_by", "handler__user"
    )
    rows = rows.order_by("-withdrawn_at")
    if fmt := requested_format(request):
        lines = lists.withdrawn(rows)
        return list_file(request, fmt, "課程登錄錯誤", lists.WITHDRAWN, lines, number=rows.count())
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "courses/operator/withdrawn.html", {"page": page})
