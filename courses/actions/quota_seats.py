"""Places that quotas keep: claimed and freed by conditional updates of the course and then of the quotas, with CHECKs behind them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from audit import log
from courses.enums import CourseState
from courses.models import Course, Enrolment, Quota
from courses.queries.quotas import Allotment, is_over


class _Taken(Exception):
    """Fewer places are free than were claimed."""


def claim(course_id: int, allotment: Allotment) -> bool:
    """Take the places of an allotment and lock the course's row, then the quotas'; return False, with nothing taken, when they are not free."""
    wanted = Counter(quota.pk for quota in allotment.kept.values())
    if not wanted:
        return claim_places(course_id, len(allotment.open))
    try:
        with transaction.atomic():
            _claim(course_id, wanted, len(allotment.open))
    except _Taken:
        return False
    return True


def _claim(course_id: int, wanted: Mapping[int, int], number_open: int) -> None:
    if not claim_places(course_id, number_open, sum(wanted.values())):
        raise _Taken
    for quota, number in sorted(wanted.items()):
        left = Quota.objects.filter(pk=quota, released_at=None, taken__lte=F("places") - number)
        if not left.update(taken=F("taken") + number):
            raise _Taken


def claim_places(course_id: int, number_open: int, kept: int = 0) -> bool:
    """Take open places of a registered course, and `kept` ones of its quotas, and lock its row; return False when they are not free."""
    taken = F("seats_taken") + kept + number_open
    free = with_places(course_id, number_open).filter(seats_kept__gte=kept)
    return bool(free.update(seats_taken=taken, seats_kept=F("seats_kept") - kept))


def with_places(course_id: int, number_open: int) -> QuerySet[Course]:
    """Return the course if it is registered and has that many free places that no quota keeps."""
    return Course.objects.filter(
        pk=course_id,
        state=CourseState.REGISTERED,
        seats_taken__lte=F("capacity") - F("seats_kept") - number_open,
    )


def note(allotment: Allotment, rows: Mapping[int, Enrolment]) -> None:
    """Write to the enrolments, by person, whose quota's place they hold."""
    for quota in set(allotment.kept.values()):
        mine = [rows[person] for person, kept in allotment.kept.items() if kept == quota]
        Enrolment.objects.filter(pk__in=[row.pk for row in mine]).update(quota=quota)
        for row in mine:
            row.quota = quota


def free(course_id: int, rows: Iterable[Enrolment]) -> None:
    """Give the places of enrolments back, each to the quota that it is from; to all once the quota is released."""
    rows = list(rows)
    if not rows:
        return
    held = Counter(row.quota_id for row in rows if row.quota_id)
    if not held:
        Course.objects.filter(pk=course_id).update(seats_taken=F("seats_taken") - len(rows))
        return
    still = set(Quota.objects.filter(pk__in=held, released_at=None).values_list("pk", flat=True))
    kept = sum(number for quota, number in held.items() if quota in still)
    Course.objects.filter(pk=course_id).update(
        seats_taken=F("seats_taken") - len(rows), seats_kept=F("seats_kept") + kept
    )
    for quota, number in sorted(held.items()):
        Quota.objects.filter(pk=quota).update(taken=F("taken") - number)
    Enrolment.objects.filter(pk__in=[row.pk for row in rows]).update(quota=None)
    for row in rows:
        row.quota = None


def release_over(course: Course, at: datetime) -> int:
    """Open to all what is left of the course's quotas that are over; return how many places. The caller has locked the course."""
    if course.state != CourseState.REGISTERED:
        return 0
    over = [quota for quota in course.quotas.filter(released_at=None) if is_over(quota, course, at)]
    if not over:
        return 0
    number = sum(quota.left for quota in over)
    Course.objects.filter(pk=course.pk).update(seats_kept=F("seats_kept") - number)
    Quota.objects.filter(pk__in=[quota.pk for quota in over]).update(released_at=at)
    course.seats_kept -= number
    log.record("course.release_places", course, by=None, unit_id=course.unit_id, after={"places": number})
    return number
