"""Messages to the participants of a course: write, look at it, send; and what was sent."""

from collections.abc import Collection

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.acting import ActorRequest
from courses.actions import messages as actions
from courses.enums import MessageTo
from courses.forms.keys import form_key
from courses.forms.messages import MessageForm
from courses.models import Course, CourseMessage
from courses.queries.message_readers import numbers, readers
from courses.rules import may_write_to_people
from courses.views.registration import own_course
from kit import clock
from kit.errors import Refusal
from kit.form_refusals import add_refusal
from kit.numbers import whole_numbers
from kit.previews import is_seen, mark_of
from notices import outbox

PAGE = 20


def page(request: ActorRequest, code: str) -> HttpResponse:
    """GET the form and what was sent; POST the text to see it; POST what was seen to send it."""
    course = own_course(request, code)
    if not may_write_to_people(request.actor, course):
        messages.error(request, _("Only those in charge of a registered course write to its people."))
        return redirect("courses:detail", code=code)
    wanted = whole_numbers(request.POST.getlist("enrolment"))
    chosen = list(readers(course, MessageTo.CHOSEN, wanted).values_list("pk", flat=True)) if wanted else []
    is_written = request.POST.get("act") in ("preview", "send")
    form = MessageForm(numbers(course), len(chosen), request.POST if is_written else None)
    if not is_written or not form.is_valid():
        return _page(request, course, form, chosen)
    mark = mark_of("course-message", [form.cleaned_data, chosen])
    if request.POST["act"] == "send" and is_seen(request, mark):
        return _send(request, course, form, chosen)
    return _page(request, course, form, chosen, mark)


def _send(request: ActorRequest, course: Course, form: MessageForm, chosen: Collection[int]) -> HttpResponse:
    try:
        sent = actions.send(
            course=course, by=request.actor, chosen=chosen, form_key=form_key(request), **form.cleaned_data
        )
    except Refusal as refusal:
        add_refusal(form, refusal)
        return _page(request, course, form, chosen)
    said = ngettext("The message is sent to %(n)s person.", "The message is sent to %(n)s people.", sent.told)
    messages.success(request, said % {"n": sent.told})
    return redirect("courses:messages", code=course.code)


def _page(
    request: ActorRequest, course: Course, form: MessageForm, chosen: Collection[int], mark: str = ""
) -> HttpResponse:
    context = {
        "course": course,
        "form": form,
        "chosen": chosen,
        "form_key": form_key(request),
        "mark": mark,
        "page": Paginator(course.messages.select_related("sent_by"), PAGE).get_page(request.GET.get("page")),
    }
    if mark:
        context |= _preview(request, course, form, chosen)
    return render(request, "courses/unit/messages.html", context)


def _preview(
    request: ActorRequest, course: Course, form: MessageForm, chosen: Collection[int]
) -> dict[str, object]:
    """The message as its readers get it, and how many these are."""
    data = form.cleaned_data
    facts = {"audience": data["to"], "subject": data["subject"], "text": data["text"]}
    draft = CourseMessage(pk=0, course=course, sent_at=clock.now(), **facts)
    subject, body = outbox.text_of(actions.notice_of(draft, request.actor.user, request.actor))
    return {"number": readers(course, data["to"], chosen).count(), "subject": subject, "body": body}
