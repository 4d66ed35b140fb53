"""The clock's notice on the day before a course meets to its lecturers and staff, who have no enrolment (docs/adr/0042)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from courses.actions.course_reminders import day_facts, is_held
from courses.models import Course, CourseHelper
from courses.queries import coming_courses as coming
from courses.queries.helpers import expected_of_courses, with_helpers
from kit import request_memo
from kit.holidays import DAY
from notices import outbox, outdated
from notices.models import Notice
from notices.timed import Batch

KIND = "helping_tomorrow"


def batch(day: date, cursor: int) -> Batch:
    """Return notices to the lecturers and staff of courses that meet on the day after `day`."""
    chosen, after = coming.some_after(with_helpers(coming.meeting_on(day + DAY)), cursor)
    courses = coming.courses_by_id(chosen)
    with request_memo.remembering():
        return Batch(_notices(courses, expected_of_courses(courses.values()), day + DAY), after)


def _notices(
    courses: Mapping[int, Course], rows: Iterable[CourseHelper], held_on: date
) -> list[outbox.NewNotice]:
    facts = {pk: day_facts(course, held_on) for pk, course in courses.items()}
    return [_notice(courses[row.course_id], row, facts[row.course_id], held_on) for row in rows]


def _notice(course: Course, row: CourseHelper, facts: Mapping[str, Any], held_on: date) -> outbox.NewNotice:
    return outbox.NewNotice(
        kind=KIND,
        to=row.user,
        about=f"course:{course.pk}",
        event=held_on,
        refs=[f"day:{held_on}"],
        path=reverse("courses:public", args=[course.code]),
        context={**facts, "part": row.participation},
    )


@outdated.recheck(KIND)
def still_helps_tomorrow(notices: Sequence[Notice]) -> dict[int, tuple[str, str] | None]:
    """The notice is sent while the person is named and the course meets on that day, with hour, place and kind as they are now."""
    courses = coming.courses_by_id({notice.object_number for notice in notices})
    named = {(row.course_id, row.user_id): row for row in expected_of_courses(courses.values())}
    texts, found = outbox.Texts(), {}
    with request_memo.remembering():
        for notice in notices:
            row = named.get((notice.object_number, notice.recipient_id or 0))
            day = date.fromisoformat(notice.refs[0].partition(":")[2])
            found[notice.pk] = _text(courses[row.course_id], row, day, texts) if row else None
    return found


def _text(course: Course, row: CourseHelper, day: date, texts: outbox.Texts) -> tuple[str, str] | None:
    return texts.of(_notice(course, row, day_facts(course, day), day)) if is_held(course, day) else None
