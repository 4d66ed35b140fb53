"""簽到表: choose how the sheets of a course are made, then take them as PDF or print the page."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.acting import ActorRequest
from audit import log
from courses.actions.access_log import people_seen, sheets_made
from courses.forms.sign_in_sheets import SheetForm
from courses.models import Course
from courses.presenters.sign_in_sheets import SignInSheet, drawn, sign_in_sheets
from courses.queries.sign_in_sheets import helping_people
from courses.views.registration import own_course
from kit import clock, pdf
from kit.errors import Refusal
from kit.response_headers import as_file

# Rows of all sheets together: so many are drawn in a few seconds.
MOST_ROWS = 3000


def choose(request: ActorRequest, code: str) -> HttpResponse:
    course = own_course(request, code)
    wanted = request.GET.get("as", "")
    form = SheetForm(request.GET if wanted else None, course=course)
    if wanted in ("pdf", "print") and form.is_valid():
        sheets = sign_in_sheets(course, form.chosen, form.sheet_choices)
        if sum(len(sheet.rows) for sheet in sheets) <= MOST_ROWS:
            return _made(request, course, sheets, wanted)
        form.add_error(
            "session", _("These are too many rows for one file. Please take one session at a time.")
        )
    return render(request, "courses/unit/sign_in_sheets.html", {"course": course, "form": form})


def _made(request: ActorRequest, course: Course, sheets: Sequence[SignInSheet], wanted: str) -> HttpResponse:
    name = f"{course.code}_簽到表"
    try:
        file = drawn(sheets, name).made(clock.now()) if wanted == "pdf" else b""
    except Refusal as refusal:
        # The browser has every character; the printed page is the way on.
        messages.error(request, refusal.message)
        wanted = "print"
    helpers = [row.user_id for row in helping_people(course)]
    people = [*course.enrolments.expected().values_list("user_id", flat=True), *helpers]
    people_seen(course, by=request.actor, people=people)
    sheets_made(course)
    facts = {"list": name, "format": wanted, "rows": len(people)}
    log.record("list.export", course, by=request.actor, unit_id=course.unit_id, after=facts)
    if wanted == "print":
        return render(request, "courses/unit/sign_in_print.html", {"course": course, "sheets": sheets})
    return as_file(HttpResponse(file, content_type=pdf.TYPE), f"{name}.pdf")
