"""Questions at enrolment: set them, answer them, look at the replies."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.acting import ActorRequest
from courses.actions import questions
from courses.actions.access_log import people_seen
from courses.enums import NO_PLACE
from courses.errors.questions import AnswersLost
from courses.forms.questions import AnswersForm, QuestionsForms
from courses.models import Course, Enrolment
from courses.presenters import lists
from courses.queries.answers import answers_of, own_answers
from courses.queries.windows import may_cancel
from courses.rules import may_manage, may_set_audience
from courses.views.course_page import answers_page, public_course
from courses.views.registration import own_course
from jobs.delivery import list_file, requested_format
from kit.errors import Refusal


def edit(request: ActorRequest, code: str) -> HttpResponse:
    """GET the questions; POST them. Questions with replies go only after a confirmation."""
    course = own_course(request, code)
    if not may_set_audience(request.actor, course):
        messages.error(request, _("The handler sets the questions, as long as the course is not closed."))
        return redirect("courses:detail", code=code)
    forms = QuestionsForms(course, request.POST if request.method == "POST" else None)
    if request.method == "POST" and forms.is_valid() and _saved(request, course, forms):
        messages.success(request, _("Saved: the questions at enrolment."))
        return redirect("courses:questions", code=code)
    context = {"course": course, "form": forms.form, "rows": forms.rows, "lost": forms.lost}
    return render(request, "courses/unit/questions.html", context)


def _saved(request: ActorRequest, course: Course, forms: QuestionsForms) -> bool:
    try:
        questions.set_questions(
            course=course,
            by=request.actor,
            questions=forms.questions(),
            version=forms.form.cleaned_data["version"],
            is_confirmed="confirmed" in request.POST,
        )
    except AnswersLost as refusal:
        forms.ask(refusal.params["number"])
        return False
    except Refusal as refusal:
        forms.form.add_error(None, refusal.message)
        return False
    return True


def totals(request: ActorRequest, code: str) -> HttpResponseBase:
    """The replies: totals and a list, for those in charge only; a file of it on request."""
    course = own_course(request, code)
    if not may_manage(request.actor, course):
        messages.error(request, _("Only those in charge of the course see the answers."))
        return redirect("courses:detail", code=code)
    found = answers_of(course)
    people_seen(course, by=request.actor, people=[person.enrolment.user_id for person in found.people])
    if fmt := requested_format(request):
        rows = lists.answers(found)
        head = lists.answers_header(found)
        return list_file(request, fmt, f"{course.code}_報名調查", head, rows, number=len(found.people))
    return render(request, "courses/unit/answers.html", {"course": course, "answers": found})


def answer(request: ActorRequest, code: str) -> HttpResponse:
    """The person's own replies, to look at and to change as long as the enrolment can be cancelled."""
    course = public_course(code)
    row = Enrolment.objects.of_person(request.user.pk).filter(course=course).counting_once().first()
    asked = list(course.questions.all())
    if row is None or row.state in NO_PLACE or not asked:
        return redirect("courses:public", code=code)
    form = AnswersForm(asked, request.POST if request.method == "POST" else None, own_answers(row))
    if request.method == "POST" and form.is_valid():
        try:
            questions.answer(course=course, by=request.actor, values=form.values())
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("Your answers are saved. The organiser of the course sees them."))
            return redirect("courses:public", code=code)
    return answers_page(request, course, form, may_answer=may_cancel(course, row))
