"""What the closing sheet marks for a person whom nobody has marked yet."""

from courses.enums import EnrolmentState, PlannedAbsenceState
from courses.models import Enrolment
from courses.queries.planned_absences import said_in
from hours.models import Mark
from hours.queries.attendance import CourseAttendance

S = EnrolmentState


def suggested(signed: CourseAttendance, person: int) -> Mark:
    """Return the mark that a person's signs suggest."""
    if not signed.is_recorded:
        return Mark.of(S.ATTENDED, signed.terms.hours)
    found = signed.presence_of(person)
    return Mark.of(found.state, found.hours or signed.terms.hours)


def prefilled(signed: CourseAttendance, enrolment: Enrolment) -> Mark:
    """Return the mark of a person whom nobody has marked: by the signs; excused who said so in advance, was not refused and did not sign."""
    mark, planned = suggested(signed, enrolment.user_id), said_in(enrolment)
    came = signed.is_recorded and mark.state == S.ATTENDED
    if planned is None or planned.state == PlannedAbsenceState.REFUSED or came:
        return mark
    return mark._replace(state=S.EXCUSED)
