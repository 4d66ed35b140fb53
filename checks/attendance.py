"""Invariants of attendance: signs, the hours that followed from them, lecturers and staff who are named."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery

from accounts.queries.persons import merged_records, person_key
from audit.models import AuditEvent, AuditSubject
from courses.enums import LIVE, CourseState, EnrolmentState
from courses.models import Course, CourseHelper, Enrolment, Session
from hours.enums import CreditKind, ReportState
from hours.models import Attendance, HourCredit, MissedSign
from hours.models.attendance import BY_PHONE
from hours.models.sheet import ZERO
from hours.queries.attendance import CourseAttendance, by_person
from hours.queries.deviations import ACT, deviations, read
from hours.queries.presence import Held, Terms
from kit.batches import batches

COURSES_AT_ONCE = 200


def signs_after_closing() -> int:
    """Signs of attendance that were entered or taken back after the hours of their course had been issued, that are of the future,
    or that lie in a course which was never registered.
    """
    closed = Q(recorded_at__gt=F("session__course__closed_at"))
    closed |= Q(taken_back_at__gt=F("session__course__closed_at"))
    wrong = closed | Q(at__gt=F("recorded_at")) | Q(session__course__state=CourseState.DRAFT)
    return Attendance.objects.filter(wrong).order_by().count()


def reports_of_closed_courses() -> int:
    """Reports of missed signs that are open although their course is closed."""
    rows = MissedSign.objects.filter(state=ReportState.OPEN)
    return rows.filter(session__course__state=CourseState.CLOSED).order_by().count()


def helpers_of_settled_courses() -> int:
    """People who are named as lecturers or staff of a course that is not registered."""
    return CourseHelper.objects.exclude(course__state=CourseState.REGISTERED).order_by().count()


def helpers_who_are_enrolled() -> int:
    """People who are named as lecturers or staff and live in the same course by the same record; two records may come together later."""
    live = Enrolment.objects.filter(course=OuterRef("course"), user=OuterRef("user"), state__in=LIVE)
    return CourseHelper.objects.filter(Exists(live)).order_by().count()


def phone_signs_of_others() -> int:
    """Signs by code or number that another person recorded: nobody signs for another person, but the organiser by hand."""
    rows = Attendance.objects.filter(way__in=BY_PHONE).annotate(
        person=person_key(), recorder=person_key("recorded_by")
    )
    return rows.exclude(person=F("recorder")).order_by().count()


def signs_of_nobody() -> int:
    """Valid signs by the organiser's hand of people who never were on the list of the course, named for it, or there by a sign of their own.

    Who signs with a phone without being on the list is shown to the organiser, and may stay off the sheet.
    """
    rows = Attendance.objects.valid().exclude(way__in=BY_PHONE).annotate(person=person_key())
    mine = {"person": OuterRef("person")}
    listed = Enrolment.objects.filter(course=OuterRef("session__course")).annotate(person=person_key())
    named = CourseHelper.objects.filter(course=OuterRef("session__course")).annotate(person=person_key())
    signed = Attendance.objects.filter(session__course=OuterRef("session__course"), way__in=BY_PHONE)
    known = (listed, named, signed.annotate(person=person_key()))
    for there in known:
        rows = rows.exclude(Exists(there.filter(**mine)))
    left = list(rows.order_by().values_list("user_id", "session__course_id"))
    named_once = _once_named(left)
    return sum(pair not in named_once for pair in left)


def _once_named(pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return those pairs of person and course for which the record has that the person was named: closing and withdrawing empty the list."""
    if not pairs:
        return set()
    acts = AuditSubject.objects.filter(
        person_id__in={person for person, _course in pairs},
        event__action="helper.named",
        event__object_type=Course._meta.label_lower,
    )
    return {(person, int(course)) for person, course in acts.values_list("person_id", "event__object_id")}


def hours_off_signs() -> int:
    """Participants whose hours, as a course was closed, differ from what their signs are worth without a word of it in the record, or
    agree although the record says otherwise; and closings of courses with signs of which the record keeps no comparison.

    Closings from before the first comparison, and people with several records, who may have been merged since, are left out.
    """
    compared = AuditEvent.objects.filter(action=ACT, object_type=Course._meta.label_lower)
    first = compared.order_by("pk").values_list("object_id", flat=True).first()
    if first is None:
        return 0
    begun = Course.objects.filter(pk=first).values("closed_at")
    signed = Attendance.objects.valid().filter(session__course=OuterRef("pk"))
    rows = Course.objects.filter(Exists(signed), state=CourseState.CLOSED, closed_at__gte=Subquery(begun))
    rows = rows.only("hours", "hours_by").order_by("pk")
    return sum(_off_signs(chunk) for chunk in batches(rows.iterator(), COURSES_AT_ONCE))


def _off_signs(courses: Iterable[Course]) -> int:
    """Return the breaches of some courses, in a constant number of queries."""
    by_pk = {course.pk: course for course in courses}
    acts = AuditEvent.objects.filter(
        action=ACT, object_type=Course._meta.label_lower, object_id__in=[str(pk) for pk in by_pk]
    )
    said = {int(course): after for course, after in acts.values_list("object_id", "after")}
    pks = list(by_pk)
    sessions, signs, issued = _sessions(pks), _signs(pks), _issued(pks)
    wrong = len(by_pk.keys() - said.keys())
    for pk, facts in said.items():
        signed = CourseAttendance(sessions[pk], _terms(by_pk[pk], facts), signs[pk])
        found = deviations(signed, issued[pk])
        recorded = {row: hours for row, hours in read(facts).items() if row in issued[pk]}
        wrong += len({row for row, _hours in found.items() ^ recorded.items()})
    return wrong


def _terms(course: Course, facts: Mapping[str, Any]) -> Terms:
    """Return the terms by which the hours of a course were counted: the policy may have changed since."""
    tolerance, half = timedelta(minutes=facts["late_minutes"]), bool(facts["half_signed_counts"])
    return Terms(course.hours, Decimal(facts["step"]), course.hours_by, tolerance, half)


def _sessions(courses: Iterable[int]) -> Mapping[int, list[Held]]:
    found: dict[int, list[Held]] = defaultdict(list)
    rows = Session.objects.filter(course__in=courses).order_by("starts_at", "pk")
    for course, pk, starts_at, ends_at in rows.values_list("course_id", "pk", "starts_at", "ends_at"):
        found[course].append(Held(pk, starts_at, ends_at))
    return found


def _signs(courses: Iterable[int]) -> Mapping[int, Any]:
    """Return the valid signs of each course by person and session."""
    found: dict[int, list[Any]] = defaultdict(list)
    rows = Attendance.objects.valid().filter(session__course__in=courses).order_by()
    columns = ("session__course_id", "user_id", "session_id", "kind", "at")
    for course, *sign in rows.values_list(*columns):
        found[course].append(tuple(sign))
    return {course: by_person(mine) for course, mine in found.items()}


def _issued(courses: Iterable[int]) -> Mapping[int, dict[int, tuple[int, Decimal]]]:
    """Return person and hours of each participant of the closing sheet, by course and enrolment.

    Who has no issued hours, but corrected ones, may have been added later and is left out.
    """
    found: dict[int, dict[int, tuple[int, Decimal]]] = defaultdict(dict)
    credits = HourCredit.objects.participants().filter(course__in=courses, kind=CreditKind.ISSUED)
    rows = credits.exclude(user__in=merged_records()).order_by()
    for course, enrolment, person, hours in rows.values_list("course_id", "enrolment_id", "user_id", "hours"):
        found[course][enrolment] = (person, hours)
    nothing = Enrolment.objects.participants().filter(
        course__in=courses, state__in=(EnrolmentState.ABSENT, EnrolmentState.EXCUSED), credits=None
    )
    nothing = nothing.exclude(user__in=merged_records()).order_by()
    for course, enrolment, person in nothing.values_list("course_id", "pk", "user_id"):
        found[course][enrolment] = (person, ZERO)
    return found
