"""What a person's signs say, in words, for a row of the closing sheet."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from hours.enums import PresenceQuestion
from hours.queries.attendance import CourseAttendance
from hours.queries.presence import Finding, Part, Presence, Signed, came_and_left
from kit.templatetags.ui import hhmm


def evidence(attendance: CourseAttendance, person: int) -> tuple[str, ...]:
    """Return a line for each question, with the times, and for each report of a missed sign; empty where nothing is open."""
    reports = reports_of(attendance, person)
    if not attendance.is_recorded:
        return reports
    return (*_questions(attendance, person, attendance.presence_of(person)), *reports)


def reports_of(attendance: CourseAttendance, person: int) -> tuple[str, ...]:
    """Return a line for each report of a missed sign: all that concerns lecturers and staff, whose hours do not follow from signs."""
    numbers = attendance.numbers
    return tuple(_report(session, text, numbers) for session, text in attendance.reports.get(person, ()))


def _report(session: int, text: str, numbers: Mapping[int, int]) -> str:
    return _("reports a missed sign (session %(number)s): %(text)s") % {
        "number": numbers.get(session, "?"),
        "text": text,
    }


def _questions(attendance: CourseAttendance, person: int, found: Presence) -> list[str]:
    if not found.findings and not attendance.signs_of(person):
        return [_("no sign-in")] if len(attendance.unrecorded) < len(attendance.parts) else []
    return [_line(finding, attendance.signs_of(person), attendance.numbers) for finding in found.findings]


def _line(finding: Finding, mine: Mapping[int, Signed], numbers: Mapping[int, int]) -> str:
    label = str(finding.question.label)
    where = f"{part_words(finding.part, numbers)} " if len(numbers) > 1 else ""
    if finding.question == PresenceQuestion.MISSED:
        return f"{where}{label}"
    return f"{where}{label} ({times(finding.part, mine)})"


def part_words(part: Part, numbers: Mapping[int, int]) -> str:
    """Name a part by its sessions: Session 2, Sessions 1, 2."""
    mine = sorted(numbers[pk] for pk in part.sessions)
    return _("Session %(numbers)s:") % {"numbers": _(", ").join(str(number) for number in mine)}


def times(part: Part, mine: Mapping[int, Signed]) -> str:
    """Return the first sign-in and the last sign-out of a part: 13:25–16:30, with a dash for what is missing."""
    came, left = came_and_left(part, mine)
    return f"{hhmm(came) if came else '?'}–{hhmm(left) if left else '?'}"
