"""After closing: what each person has, its ledger, and corrections with a reason."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.acting import ActorRequest
from accounts.queries.names import distinguish
from courses.actions.access_log import people_seen
from courses.enums import OUTCOMES, CourseState, Participation
from courses.models import Course, Enrolment
from courses.models.typed import read_typed
from courses.queries.hour_steps import hour_step
from courses.rules import may_manage
from courses.views.registration import own_course
from hours.actions import corrections
from hours.forms.corrections import STATES, CorrectionForm, ForgottenForm
from hours.models import HourCredit
from hours.models.sheet import ZERO
from kit.errors import Refusal
from kit.form_refusals import add_refusal
from kit.numbers import whole_number


def correct(request: ActorRequest, code: str) -> HttpResponse:
    course = own_course(request, code)
    if course.state != CourseState.CLOSED or not may_manage(request.actor, course):
        messages.error(
            request, _("Corrections are made by the handler or the unit lead, after the course is closed.")
        )
        return redirect("courses:detail", code=code)
    form = _form(request, course)
    if request.method == "POST" and form.is_valid() and _done(request, course, form):
        return redirect("hours:correct", code=code)
    chosen = request.POST.get("enrolment", request.GET.get("enrolment", ""))
    rows = _rows(course, form, chosen)
    people_seen(course, by=request.actor, people=[row.enrolment.user_id for row in rows])
    forgotten = form if isinstance(form, ForgottenForm) else ForgottenForm(**_options(course, "forgotten"))
    context = {"course": course, "rows": rows, "form": form, "chosen": chosen, "forgotten": forgotten}
    context |= {"states": STATES, "parts": Participation.choices}
    return render(request, "hours/correct.html", context)


def _form(request: ActorRequest, course: Course) -> CorrectionForm:
    if "person" in request.POST and "enrolment" not in request.POST:
        return ForgottenForm(request.POST, **_options(course, "forgotten"))
    return CorrectionForm(request.POST or None, **_options(course, request.POST.get("enrolment", "")))


def _options(course: Course, name: str) -> dict[str, Any]:
    """The page has a form a person: `name` keeps their fields apart."""
    return {
        "course": course,
        "step": hour_step(course),
        "auto_id": f"%s_{name}",
        "initial": {"hours": f"{course.hours.normalize():f}"},
    }


def _done(request: ActorRequest, course: Course, form: CorrectionForm) -> bool:
    data: dict[str, Any] = dict(form.cleaned_data)
    actor = request.actor
    try:
        if isinstance(form, ForgottenForm):
            person = read_typed(data.pop("person"))
            corrections.add_person(course=course, person=person, by=actor, **data)
        else:
            row = get_object_or_404(course.enrolments, pk=whole_number(request.POST.get("enrolment"), 0))
            corrections.correct(enrolment=row, by=actor, **data)
    except Refusal as refusal:
        add_refusal(form, refusal, called={"walk_in": "person"})
        return False
    messages.success(request, _("Corrected. The person has been notified."))
    return True


@dataclass(frozen=True)
class CorrectionRow:
    """One person of a closed course: the ledger, the hours that count, and the form where it was refused."""

    enrolment: Enrolment
    known_by: str
    ledger: Sequence[HourCredit]
    net: Decimal
    form: CorrectionForm | None


def _rows(course: Course, form: CorrectionForm, chosen: str) -> list[CorrectionRow]:
    """Return everybody of the closed course: three queries."""
    people = list(
        course.enrolments.filter(state__in=OUTCOMES)
        .select_related("user__guest", "unit")
        .by_unit("user__name", "id")
    )
    known = distinguish(people)
    ledger: defaultdict[int, list[HourCredit]] = defaultdict(list)
    for credit in (
        HourCredit.objects.filter(course=course).select_related("issued_by").order_by("issued_at", "id")
    ):
        ledger[credit.enrolment_id].append(credit)
    return [
        CorrectionRow(
            enrolment=row,
            known_by=known[row.user_id].known_by,
            ledger=ledger[row.pk],
            net=sum((credit.hours for credit in ledger[row.pk]), ZERO),
            form=form if form.errors and chosen == str(row.pk) else None,
        )
        for row in people
    ]
