"""協辦: naming the second handler of a course."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.acting import ActorRequest
from courses.actions import second_handler
from courses.forms.second_handler import SecondHandlerForm
from courses.rules import may_name_second_handler
from courses.views.registration import own_course
from kit.errors import Refusal
from kit.form_refusals import add_refusal


def page(request: ActorRequest, code: str) -> HttpResponse:
    course = own_course(request, code)
    form = SecondHandlerForm(course, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            account = form.cleaned_data["account"]
            course = second_handler.name(course=course, by=request.actor, account=account)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _named(course.co_handler.user.name if course.co_handler else ""))
            return redirect("courses:detail", code=code)
    context = {"course": course, "form": form, "may_name": may_name_second_handler(request.actor, course)}
    return render(request, "courses/unit/second_handler.html", context)


def _named(name: str) -> str:
    return (
        _("%(name)s is the second handler and has been notified.") % {"name": name}
        if name
        else _("The course has no second handler.")
    )
