"""The signs and the reports of missed signs of each session, for changes of the sessions of a course."""

from django.db.models import Exists, OuterRef

from courses.models import Course
from courses.queries.session_evidence import Evidence
from hours.enums import ReportState
from hours.models import Attendance, MissedSign


def signed_sessions(course: Course) -> Evidence:
    """Return the sessions of a course in which people signed or reported a missed sign, in one query."""
    signs = Attendance.objects.filter(session=OuterRef("pk"))
    reports = MissedSign.objects.filter(session=OuterRef("pk"))
    rows = course.sessions.filter(Exists(signs) | Exists(reports)).order_by()
    is_counted = Exists(signs.valid()) | Exists(reports.filter(state=ReportState.OPEN))
    found = dict(rows.annotate(is_counted=is_counted).values_list("pk", "is_counted"))
    counted = frozenset(pk for pk, counts in found.items() if counts)
    return Evidence(counted, frozenset(found) - counted)
