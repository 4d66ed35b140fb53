"""The two pages: a greeting, and enrolling by the three statements that it cannot do without, a confirmation among them."""

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import engines
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from bench.bare.models import Course, Enrolment, Notice

HELLO = "<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1>"


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(HELLO).render({"title": "Hello"}, request))


@require_POST
@login_required
@transaction.atomic
def enrol(request: HttpRequest, course_id: int) -> HttpResponse:
    free = Course.objects.filter(pk=course_id, taken__lt=F("capacity"))
    held = free.update(taken=F("taken") + 1)
    row = Enrolment.objects.create(course_id=course_id, user_id=request.user.pk, waiting=not held)
    Notice.objects.create(
        key=f"enrolled:{row.pk}",
        user_id=row.user_id,
        subject="You have a place" if held else "You are on the waiting list",
        body=f"Course {course_id}",
        created_at=timezone.now(),
    )
    return HttpResponseRedirect("/")


urlpatterns = [path("", hello), path("enrol/<int:course_id>/", enrol)]
