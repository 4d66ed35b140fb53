"""現場報名: a free place for a person who is there, whatever the enrolment window."""

from datetime import datetime

from django.db import transaction

from accounts.acting import Actor
from accounts.models import Affiliation
from audit import log
from courses.actions import confirmations, quota_seats
from courses.actions.enrolments import refuse_helper, require_audience
from courses.enums import SEATED, Admission, CourseState, EnrolmentState
from courses.errors import AlreadyEnrolled, CourseFull, EnrolmentClosed
from courses.locks import lock_course, lock_enrolment_of
from courses.models import Course, Enrolment
from courses.queries.quotas import allot
from kit import clock

S = EnrolmentState


@transaction.atomic
def enrol_on_the_spot(*, course: Course, by: Actor, at: datetime | None = None) -> Enrolment:
    """現場報名: give the acting person a free place of a course that admits at once, whatever its enrolment window.

    The caller has checked that the person is there. Raise AlreadyEnrolled, EnrolmentClosed (not registered, or postponed;
    declined by the organiser, or the organiser decides), NamedAsHelper, OutsideAudience, CourseFull.
    """
    moment = at or clock.now()
    course = lock_course(course)
    row = lock_enrolment_of(course, by.user.pk)
    if row and row.state in SEATED:
        raise AlreadyEnrolled
    is_decided = course.admission == Admission.REVIEW or (row is not None and row.state == S.DECLINED)
    if course.state != CourseState.REGISTERED or course.postponed_at is not None or is_decided:
        raise EnrolmentClosed
    refuse_helper(course, by)
    require_audience(course, by.user.pk, moment)
    if course.seats_kept:
        quota_seats.release_over(course, moment)
    found = allot(course, [by.user.pk], moment)
    if not found.people or not quota_seats.claim(course.pk, found):
        raise CourseFull(capacity=course.capacity)
    if row is None:
        serves = Affiliation.objects.serving(clock.today(moment)).filter(user=by.user).order_by("rank", "id")
        unit = serves.values_list("unit_id", flat=True).first()
        row = Enrolment(course=course, user=by.user, unit_id=unit, enrolled_at=moment)
    row.state, row.walk_in, row.decided_at = S.ADMITTED, False, moment
    row.quota = found.kept.get(by.user.pk)
    row.save()
    event = log.record(
        "enrolment.on_the_spot", row, by=by, unit_id=course.unit_id, after={"state": S.ADMITTED}
    )
    confirmations.confirm(row, course, by.user, event)
    return row
