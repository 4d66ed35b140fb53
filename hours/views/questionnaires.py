"""意見調查: a person replies to the questionnaire of a course; those in charge prepare it and see what came of it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.acting import ActorRequest
from courses.enums import CourseState
from courses.models import Course
from courses.rules import may_manage
from courses.views.registration import own_course
from hours.actions import surveys
from hours.forms.questionnaires import AnswerForm, QuestionFormSet, words_of
from hours.models import SurveyQuestion
from hours.presenters import questionnaires as words
from hours.queries.surveys import (
    FEWEST_SHOWN,
    Results,
    answerable,
    last_moment,
    questions_are_open,
    questions_of,
    results_of,
)
from jobs.delivery import list_file, requested_format
from kit.errors import Refusal

# So many forms for own questions are shown even where none is filled.
LEAST_SHOWN = 3


def answer(request: ActorRequest, code: str) -> HttpResponse:
    """GET the questions; POST the replies, once. Only for people who were there."""
    course = get_object_or_404(Course.objects.public().select_related("unit"), code=code)
    if not answerable(request.user.pk).filter(course=course).exists():
        get_object_or_404(course.enrolments.of_person(request.user.pk))
        messages.info(
            request, _("There is nothing to answer: you have answered, or the questionnaire is over.")
        )
        return redirect("hours:me")
    form = AnswerForm(questions_of(course), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            surveys.answer(course=course, by=request.actor, answers=form.answers())
        except Refusal as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("Thank you. Nobody learns what you answered."))
        return redirect("hours:me")
    context = {"course": course, "form": form, "until": last_moment(course), "fewest": FEWEST_SHOWN}
    return render(request, "hours/questionnaire.html", context)


def of_course(request: ActorRequest, code: str) -> HttpResponseBase:
    """The own questions until the course is over, then the state and the result; `?download=` the result as a file."""
    course = own_course(request, code)
    if not may_manage(request.actor, course) or not course.questionnaire:
        messages.error(
            request, _("There is no questionnaire here, or it is for those in charge of the course only.")
        )
        return redirect("courses:detail", code=code)
    if request.method == "POST" and request.POST.get("act") == "end":
        return _carried_out(request, course, surveys.end, _("The questionnaire is ended."))
    results = results_of(course)
    if (fmt := requested_format(request)) and results.is_shown:
        lines = list(words.rows(results))
        return list_file(request, fmt, f"{course.code}_意見調查", words.HEADER, lines, number=len(lines))
    rows = _rows(request, course) if questions_are_open(course) else None
    if rows is not None and request.method == "POST" and rows.is_valid():
        save = partial(surveys.save_questions, questions=rows.questions())
        return _carried_out(request, course, save, _("The questions are saved."))
    context = _context(course, results, rows) | _slices(rows)
    return render(request, "hours/course_questionnaire.html", context)


def _rows(request: ActorRequest, course: Course) -> Any:
    own = SurveyQuestion.objects.filter(course=course).order_by("number")
    initial = [{"text": row.text, "kind": row.kind, "choices": "\n".join(row.choices)} for row in own]
    return QuestionFormSet(request.POST or None, initial=initial, prefix="questions")


def _slices(rows: Any) -> dict[str, object]:
    """Return which forms the page shows, as slices: all after a mistake, otherwise the filled ones and one more, and at least three."""
    if rows is None:
        return {}
    filled = sum(bool(form["text"].value()) for form in rows.forms)
    before = len(rows.forms) if rows.is_bound else max(LEAST_SHOWN, filled + 1)
    return {"before": before, "shown": f":{before}", "folded": f"{before}:"}


def _carried_out(request: ActorRequest, course: Course, act: Callable[..., None], said: str) -> HttpResponse:
    """Carry out an act on the questionnaire; return to its page with what came of it as a message."""
    try:
        act(course=course, by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, said)
    return redirect("hours:course_questionnaire", code=course.code)


def _context(course: Course, results: Results, rows: Any) -> dict[str, object]:
    return {
        "course": course,
        "rows": rows,
        "results": results,
        "fewest": FEWEST_SHOWN,
        "may_end": course.state == CourseState.CLOSED and not results.is_over,
        "charts": [words.scales(results), *words.choices(results)] if results.is_shown else [],
        "words": words.words(results),
        "asked": [] if results.is_shown else [words_of(asked) for asked in questions_of(course)],
    }
