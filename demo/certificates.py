"""Certificates in each state that the public page shows: valid, corrected, revoked."""

from decimal import Decimal

from courses.enums import EnrolmentState
from courses.models import Course
from demo.people import DemoPeople, actor
from hours.actions import certificates, corrections


def load(what: Course, cast: DemoPeople) -> None:
    """Three people of a closed course took the certificate; the hours of one are corrected since, those of another taken back."""
    by = actor(cast.family)
    rows = [what.enrolments.get(user=person) for person in cast.teachers[:3]]
    certificates.certify(course=what, by=by, enrolment_ids=[row.pk for row in rows])
    _valid, early, away = rows
    corrections.correct(
        enrolment=early, by=by, state=EnrolmentState.ATTENDED, hours=Decimal(2), reason="提早一小時離開"
    )
    corrections.correct(
        enrolment=away, by=by, state=EnrolmentState.EXCUSED, hours=Decimal(0), reason="當日請假，簽到表誤植"
    )
