"""研習證明: certificates are made on request, for the handler of everybody, for a person of the own hours."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from accounts.acting import Actor
from accounts.locks import lock_actor
from accounts.queries.persons import survivor
from accounts.queries.unit_history import unit_names
from audit import log
from courses.actions.states import lock_managed
from courses.enums import Questionnaire
from courses.locks import lock_course
from courses.models import Course, Enrolment
from courses.queries.participants import places_of
from hours.errors import AnswerFirst, NothingToCertify
from hours.models import Certificate
from hours.queries import certificates
from hours.queries.credited import net_of
from hours.queries.surveys import answerable
from kit import clock


@transaction.atomic
def certify(
    *, course: Course, by: Actor, enrolment_ids: Collection[int] | None = None, at: datetime | None = None
) -> list[Certificate]:
    """Return the certificates of some people of a course, or of all; those that are missing are made.

    Raise NothingToCertify, NeedsBusinessAccount, NotYourUnit, NotTheHandler.
    """
    course, by = lock_managed(course, by)
    rows = certificates.certifiable(course)
    if enrolment_ids is not None:
        rows = rows.filter(pk__in=enrolment_ids)
    return _certificates(course, list(rows), by, at)


@transaction.atomic
def certify_own(*, course: Course, by: Actor, at: datetime | None = None) -> Certificate:
    """Return the certificate of one's own hours. Raise NothingToCertify, AnswerFirst (as long as the questionnaire is open)."""
    by = lock_actor(by)
    course = lock_course(course)
    is_required = course.questionnaire == Questionnaire.REQUIRED
    if is_required and answerable(by.user.pk, at).filter(course=course).exists():
        raise AnswerFirst
    [found] = _certificates(course, list(certificates.certifiable_of(by.user, course)), by, at)
    return found


def _certificates(
    course: Course, rows: Sequence[Enrolment], by: Actor, at: datetime | None
) -> list[Certificate]:
    if not rows:
        raise NothingToCertify
    wanted = {_key(row) for row in rows}
    made = Certificate.objects.filter(course=course, enrolment__in=[row.pk for row in rows])
    known = {key: found for found in made if (key := _key_of(found)) in wanted}
    missing = [row for row in rows if _key(row) not in known]
    if missing:
        for new in _make(course, missing, at or clock.now()):
            known[_key_of(new)] = new
        people = [row.user_id for row in missing]
        facts = {"certificates": len(missing)}
        log.record("certificate.issue", course, by=by, unit_id=course.unit_id, subjects=people, after=facts)
    found = [known[_key(row)] for row in rows]
    for certificate in found:
        certificate.course = course
    return found


Key = tuple[int, Decimal, str, str]


def _key(row: Enrolment) -> Key:
    """Return what makes a certificate of the row another one: person and course, hours, their kind, and the person's name."""
    return row.pk, net_of(row), row.participation, _name(row)


def _key_of(made: Certificate) -> Key:
    return made.enrolment_id, made.hours, made.participation, made.name


def _name(row: Enrolment) -> str:
    """Return the name of today; of a merged record the person's, not the one that was entered twice."""
    return survivor(row.user).name


def _make(course: Course, rows: list[Enrolment], now: datetime) -> list[Certificate]:
    """Write certificates with the next numbers of the locked course."""
    last = Certificate.objects.filter(course=course).aggregate(last=Max("serial"))["last"] or 0
    names, places = unit_names(), places_of(rows, course.ends_on)
    new = [
        Certificate(
            course=course,
            enrolment=row,
            serial=serial,
            name=_name(row),
            unit_name=names.on(row.unit, course.ends_on) if row.unit else row.unit_name,
            title=places[row.pk].title if row.pk in places else "",
            hours=net_of(row),
            participation=row.participation,
            issued_at=now,
        )
        for serial, row in enumerate(rows, last + 1)
    ]
    return Certificate.objects.bulk_create(new)
