"""The pages of one session of a course, and what they fetch anew: which session it is, and whether the person manages the course."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.acting import ActorRequest
from courses.enums import CourseState
from courses.models import Course, Session
from courses.rules import may_manage, not_the_handler
from courses.views.registration import own_course
from hours.queries.sessions_of_today import chosen_session
from kit import clock

# The states in which the sessions of a course have pages: people sign, or have signed.
SIGNED = (CourseState.REGISTERED, CourseState.CLOSED)
SessionView = Callable[[ActorRequest, Course, Session], HttpResponse]
CourseView = Callable[[ActorRequest, str], HttpResponse]


def session_page(view: SessionView) -> CourseView:
    """Give the view the session that is wanted. Where the page cannot be used it is a sentence and a way on."""

    @wraps(view)
    def guarded(request: ActorRequest, code: str) -> HttpResponse:
        course, session = _chosen(request, code)
        if not may_manage(request.actor, course):
            messages.error(request, not_the_handler(request.actor, course).message)
        elif course.state not in SIGNED or session is None:
            messages.error(request, _("People sign in to the sessions of registered courses."))
        else:
            return view(request, course, session)
        return redirect("courses:detail", code=course.code)

    return guarded


def session_news(page: str) -> Callable[[SessionView], CourseView]:
    """The same for a part of a page that htmx fetches: 204 where there is none; without htmx the route of the page."""

    def of(view: SessionView) -> CourseView:
        @wraps(view)
        def guarded(request: ActorRequest, code: str) -> HttpResponse:
            course, session = _chosen(request, code)
            if session is None or course.state not in SIGNED or not may_manage(request.actor, course):
                return HttpResponse(status=204)
            if not request.htmx:
                return redirect(page, code=code)
            return view(request, course, session)

        return guarded

    return of


def _chosen(request: ActorRequest, code: str) -> tuple[Course, Session | None]:
    course = own_course(request, code)
    return course, chosen_session(course, request.GET.get("session", ""), clock.now())
