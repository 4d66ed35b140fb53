"""The attendance of a course, read as a whole: what each person signed, and what it is worth."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeVar

from django.db.models import Exists, FilteredRelation, Q, QuerySet

from courses.models import Course, YearlyPolicy
from hours.enums import ReportState, SignKind
from hours.models import Attendance, MissedSign
from hours.queries.merged_signs import listed_record
from hours.queries.presence import Held, Part, Presence, Signed, Terms, parts_of, presence
from kit import clock

Signs = Mapping[int, Signed]
PersonKey = TypeVar("PersonKey")


@dataclass(frozen=True)
class CourseAttendance:
    """The sessions of a course and the valid signs of each person, by session."""

    sessions: Sequence[Held]
    terms: Terms
    by_person: Mapping[int, Signs]
    # Open reports of missed signs: session and text, by person.
    reports: Mapping[int, Sequence[tuple[int, str]]] = field(default_factory=dict)

    @property
    def is_recorded(self) -> bool:
        """Whether anybody signed. Otherwise the sheet is filled by hand."""
        return bool(self.by_person)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        return parts_of(self.sessions, self.terms.by, self.by_person.values())

    @cached_property
    def numbers(self) -> dict[int, int]:
        """The number of each session, from 1 on."""
        return {held.pk: number for number, held in enumerate(self.sessions, start=1)}

    @cached_property
    def unrecorded(self) -> list[Part]:
        """Return the parts in which nobody signed: they count for everybody."""
        return [part for part in self.parts if not part.is_recorded] if self.is_recorded else []

    def signs_of(self, person: int) -> Signs:
        return self.by_person.get(person, {})

    def presence_of(self, person: int) -> Presence:
        return self._presences.get(person, self._without_signs)

    @cached_property
    def _presences(self) -> dict[int, Presence]:
        return {person: presence(self.parts, mine, self.terms) for person, mine in self.by_person.items()}

    @cached_property
    def _without_signs(self) -> Presence:
        return presence(self.parts, {}, self.terms)


def attendance_of(course: Course) -> CourseAttendance:
    """Return the attendance of a course, in one query, or two where a report of a missed sign is open.

    The sessions come with their signs: a session in which nobody signed is one row, without a person.
    """
    reports = MissedSign.objects.filter(session__course=course.pk, state=ReportState.OPEN)
    valid = FilteredRelation("attendance", condition=Q(attendance__taken_back_at=None))
    # The subquery names the course itself, not the row outside it, so the database runs it once.
    rows = course.sessions.annotate(sign=valid, has_reports=Exists(reports)).order_by("starts_at", "pk")
    rows = rows.annotate(person=listed_record(course.pk, "sign__user"))
    found = list(
        rows.values_list("pk", "starts_at", "ends_at", "person", "sign__kind", "sign__at", "has_reports")
    )
    sessions = list(dict.fromkeys(Held(*row[:3]) for row in found))
    signs = [(row[3], row[0], row[4], row[5]) for row in found if row[3] is not None]
    has_reports = bool(found) and found[0][6]
    open_reports = _by_reporter(reports, course.pk) if has_reports else {}
    return CourseAttendance(sessions, terms_of(course), by_person(signs), open_reports)


def without_signs(course: Course) -> CourseAttendance:
    """Return the attendance of a course in which nobody signed or reported a missed sign, without its sessions."""
    return CourseAttendance((), terms_of(course), {})


def _by_reporter(reports: QuerySet[MissedSign], course_id: int) -> dict[int, list[tuple[int, str]]]:
    """Return reports of missed signs, session and text, by person."""
    found: dict[int, list[tuple[int, str]]] = {}
    rows = reports.annotate(person=listed_record(course_id))
    for person, session, text in rows.values_list("person", "session_id", "text"):
        found.setdefault(person, []).append((session, text))
    return found


def signs_of(course: Course) -> dict[int, dict[int, Signed]]:
    """Return the valid signs of a course by person and session, in one query."""
    rows = Attendance.objects.valid().of_course(course.pk).annotate(person=listed_record(course.pk))
    return by_person(rows.order_by().values_list("person", "session_id", "kind", "at"))


def terms_of(course: Course) -> Terms:
    """Return how the hours of a course follow from its attendance, by the policy of its year."""
    policy = YearlyPolicy.objects.in_force(course.year or clock.this_year())
    tolerance = timedelta(minutes=policy.late_minutes)
    step = policy.hour_step_for(course)
    return Terms(course.hours, step, course.hours_by, tolerance, policy.half_signed_counts)


def by_person(rows: Iterable[tuple[PersonKey, int, str, datetime]]) -> dict[PersonKey, dict[int, Signed]]:
    """Return signs (person, session, kind, moment) by person and session; of two records of a person the earlier sign counts."""
    found: dict[PersonKey, dict[int, Signed]] = {}
    for person, session, kind, at in rows:
        signed = found.setdefault(person, {}).get(session, Signed())
        name = "signed_in" if kind == SignKind.IN else "signed_out"
        found[person][session] = signed._replace(**{name: min(at, getattr(signed, name) or at)})
    return found
