"""The timeline of a course's page."""

from datetime import timedelta

from django.db.models import F, Q, QuerySet, Value, Window
from django.db.models.functions import Lead

from audit.models import AuditEvent
from courses.models import Course

# Steps of the registration form: each saves the draft.
ONE_PASS = timedelta(hours=1)


def timeline(course: Course) -> QuerySet[AuditEvent]:
    """Return the acts on a course, latest first. Of the steps of one pass through a draft's form, each saved, only the last is shown.

    The record keeps them all. A change of a registered course is always shown by itself: people got a notice of it.
    """
    acts = AuditEvent.objects.filter(object_type="courses.course", object_id=str(course.pk)).annotate(
        following=Window(Lead("action", default=Value("")), order_by="id"),
        following_by=Window(Lead("actor_label", default=Value("")), order_by="id"),
        following_at=Window(Lead("at"), order_by="id"),
    )
    step = Q(action="course.update", following="course.update", following_by=F("actor_label"), reason="")
    step &= Q(following_at__lt=F("at") + ONE_PASS)
    if course.registered_at:
        step &= Q(following_at__lt=course.registered_at)
    return acts.exclude(step).order_by("-id")
