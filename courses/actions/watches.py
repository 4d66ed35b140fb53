"""A person requests notices: when the enrolment of a course opens, or when a course is published that a saved search finds."""

from django.db import transaction
from django.db.models import QuerySet

from accounts.acting import Actor
from accounts.locks import queue_person
from accounts.queries.persons import persons_of
from audit import log
from courses.actions.enrolments import require_audience
from courses.errors import NothingToWatch, TooManyWatches
from courses.models import Course, EnrolmentWatch, SavedSearch
from courses.queries.watches import may_watch, saved_searches_of, waiting_watches
from kit import clock

MOST = 20


@transaction.atomic
def watch_course(*, by: Actor, course: Course) -> EnrolmentWatch:
    """Request a notice when the enrolment opens; a second request changes nothing. Raise NothingToWatch, OutsideAudience,
    TooManyWatches.
    """
    queue_person(by.user.pk)
    if known := _watches(by, course).first():
        return known
    if not may_watch(course):
        raise NothingToWatch
    require_audience(course, by.user.pk, clock.now())
    if waiting_watches(by.user.pk).count() >= MOST:
        raise TooManyWatches(most=MOST)
    row = EnrolmentWatch.objects.create(person=by.user, course=course, since=clock.now())
    log.record("watch.course", row, by=by, after={"course": course.code})
    return row


@transaction.atomic
def stop_course(*, by: Actor, course: Course) -> bool:
    """Take the wish for a notice of a course back; return whether there was one."""
    rows = list(_watches(by, course))
    for row in rows:
        log.record("watch.stop", row, by=by, before={"course": course.code})
        row.delete()
    return bool(rows)


def _watches(by: Actor, course: Course) -> QuerySet[EnrolmentWatch]:
    return EnrolmentWatch.objects.filter(person__in=persons_of(by.user.pk), course=course)


@transaction.atomic
def watch_search(*, by: Actor, search: SavedSearch, is_on: bool) -> bool:
    """Switch the notices of an own search on or off; return whether that changed it. They begin with courses registered from now on."""
    now = clock.now() if is_on else None
    mine = saved_searches_of(by.user.pk).filter(pk=search.pk, watched_at__isnull=is_on)
    if not mine.update(watched_at=now, told_until=now):
        return False
    log.record("watch.search" if is_on else "watch.stop", search, by=by, after={"search": search.name})
    return True
