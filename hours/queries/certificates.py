"""Whose hours may be certified, and what a certificate is worth today."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.models import User
from courses.enums import CourseState, EnrolmentState
from courses.models import Course, Enrolment
from hours.enums import CertificateState
from hours.models import Certificate
from hours.models.credit import ZERO


def certifiable(course: Course) -> QuerySet[Enrolment]:
    """Return who attended a closed course and has hours of it now (`credited.net_of`), by unit and strokes; guests as well."""
    return _with_hours(course.enrolments.by_unit("user__name_key", "user__name", "pk"))


def certifiable_of(user: User, course: Course) -> QuerySet[Enrolment]:
    """Return a person's own enrolment, if it may be certified."""
    return _with_hours(course.enrolments.filter(user=user))


def _with_hours(rows: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    rows = rows.filter(course__state=CourseState.CLOSED, state=EnrolmentState.ATTENDED)
    net = Coalesce(Sum("credits__hours"), ZERO)
    return rows.annotate(net=net).filter(net__gt=0).select_related("user__guest", "unit")


@dataclass(frozen=True)
class Verified:
    """A certificate and what holds today: `hours` are those that count now, of the kind that the enrolment has."""

    certificate: Certificate
    state: CertificateState
    hours: Decimal


def verified(token: str) -> Verified | None:
    """Return what a certificate is worth today; None for a token that is none."""
    rows = Certificate.objects.select_related("course__unit", "enrolment")
    found = rows.filter(token=token).first() if token else None
    if found is None:
        return None
    now = found.enrolment.credits.order_by().total()
    attended = found.enrolment.state == EnrolmentState.ATTENDED
    if not attended or now <= 0:
        return Verified(found, CertificateState.REVOKED, ZERO)
    is_same = now == found.hours and found.participation == found.enrolment.participation
    state = CertificateState.VALID if is_same else CertificateState.CORRECTED
    return Verified(found, state, now)
