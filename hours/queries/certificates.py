"""Whose hours may be certified, and what a certificate is worth today."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from django.db.models import CharField, Exists, OuterRef, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from accounts.models import User
from accounts.queries.persons import persons_of, survivor
from audit.models import AuditEvent
from courses.enums import CourseState, EnrolmentState
from courses.models import Course, Enrolment
from hours.enums import CertificateState
from hours.models import Certificate
from hours.models.credit import ZERO


def certifiable(course: Course) -> QuerySet[Enrolment]:
    """Return who attended a closed course and has hours of it now (`credited.net_of`), by unit and strokes; guests as well."""
    return _with_hours(course.enrolments.by_unit("user__name_key", "user__name", "pk"))


def certifiable_of(user: User, course: Course) -> QuerySet[Enrolment]:
    """Return a person's own enrolment, if it may be certified; of merged records the one that counts."""
    own = course.enrolments.of_person(user.pk).counting_once().order_by().values("pk")
    return _with_hours(course.enrolments.filter(pk__in=own))


def _with_hours(rows: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    rows = rows.filter(course__state=CourseState.CLOSED, state=EnrolmentState.ATTENDED)
    net = Coalesce(Sum("credits__hours"), ZERO)
    return rows.annotate(net=net).filter(net__gt=0).select_related("user__guest", "user__merged_into", "unit")


@dataclass(frozen=True)
class Verified:
    """A certificate and what holds today: `hours` are those that count now, of the kind that the enrolment has."""

    certificate: Certificate
    state: CertificateState
    hours: Decimal


def own_certificates(user_id: int) -> QuerySet[Certificate]:
    """Return the certificates made for a person, those of merged records included, each with what it is worth."""
    rows = Certificate.objects.filter(enrolment__user__in=persons_of(user_id))
    return _with_now(rows).select_related("course")


def _with_now(rows: QuerySet[Certificate]) -> QuerySet[Certificate]:
    """Return certificates with what `hours_now` and `worth_of` read."""
    now = Coalesce(Sum("enrolment__credits__hours"), ZERO)
    parted = AuditEvent.objects.alias(into=KeyTextTransform("into", "before")).filter(
        action="person.parted",
        object_type=User._meta.label_lower,
        object_id=Cast(OuterRef("enrolment__user_id"), CharField()),
        at__gte=OuterRef("issued_at"),
        into=OuterRef("name"),
    )
    return rows.annotate(now=now, parted=Exists(parted)).select_related("enrolment__user__merged_into")


def names_another(row: Certificate) -> bool:
    """Return whether a certificate names another person: it was made while two records were merged that turned out to be two people.

    One with a name that was corrected since stays what it was: it is of the same person.
    """
    return bool(cast(Any, row).parted) and row.name != survivor(row.enrolment.user).name


def hours_now(row: Certificate) -> Decimal:
    """Return the hours that count now of a certificate of these queries; none for one who did not attend, and none for another person."""
    now: Decimal = cast(Any, row).now
    is_owed = row.enrolment.state == EnrolmentState.ATTENDED and not names_another(row)
    return max(now, ZERO) if is_owed else ZERO


def worth_of(row: Certificate) -> CertificateState:
    """Return what a certificate of these queries is worth today."""
    now = hours_now(row)
    if now == ZERO:
        return CertificateState.REVOKED
    is_same = now == row.hours and row.participation == row.enrolment.participation
    return CertificateState.VALID if is_same else CertificateState.CORRECTED


def verified(token: str) -> Verified | None:
    """Return what a certificate is worth today; None for a token that is none."""
    rows = _with_now(Certificate.objects.filter(token=token)).select_related("course__unit")
    found = rows.first() if token else None
    return Verified(found, worth_of(found), hours_now(found)) if found else None
