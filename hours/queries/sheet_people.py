"""Who is on a closing sheet (docs/adr/0048)."""

from django.db.models import QuerySet

from courses.enums import EnrolmentState
from courses.models import Course, Enrolment
from courses.queries.planned_absences import SAID, with_said
from hours.queries.closing_needs import EVERYTHING, ClosingNeeds
from kit.joined_rows import JoinedRows

RELATED = ("user", "user__guest", "unit")
# What a row of the sheet reads.
IN_ROW = (
    "course", "unit__name", "state",
    "user__name", "user__email", "user__is_guest", "user__merged_into", "user__guest__organisation",
)  # fmt: skip
# `said_kind` and `said_state` are those of `with_said`: what was said since the person got the place.
SAID_LAST = """(
    SELECT said.{column} FROM courses_plannedabsence AS said
    WHERE said.enrolment_id = enrolment.id AND said.state IN ({states})
        AND said.stated_at >= COALESCE(enrolment.decided_at, enrolment.enrolled_at)
    ORDER BY said.id DESC LIMIT 1
) AS said_{column}""".replace("{states}", ", ".join(f"'{state.value}'" for state in SAID))
ADMITTED = JoinedRows(
    Enrolment,
    RELATED,
    """
SELECT {columns}, {kind}, {state}
FROM courses_enrolment AS enrolment
JOIN accounts_user AS "user" ON "user".id = enrolment.user_id
LEFT JOIN accounts_guest AS user__guest ON user__guest.person_id = "user".id
LEFT JOIN accounts_unit AS unit ON unit.id = enrolment.unit_id
WHERE enrolment.course_id = %(course)s AND enrolment.state = '{admitted}'
ORDER BY unit.code NULLS LAST, "user".name, enrolment.id
""".replace("{kind}", SAID_LAST.replace("{column}", "kind"))
    .replace("{state}", SAID_LAST.replace("{column}", "state"))
    .replace("{admitted}", EnrolmentState.ADMITTED.value),
    only=IN_ROW,
)


def admitted(course: Course, needs: ClosingNeeds = EVERYTHING) -> list[Enrolment]:
    """Return who is on the sheet, by unit and name; of a person with merged records the enrolment that counts."""
    rows = [] if needs.merged else ADMITTED.all(course=course.pk)
    if needs.merged or any(row.unit_id is None and not row.user.is_guest for row in rows):
        # Of who serves nowhere it is looked up whether the person was a guest; only the queryset knows that there was none.
        return list(admitted_by_queryset(course, needs))
    for row in rows:
        row.course = course
    return rows


def admitted_by_queryset(course: Course, needs: ClosingNeeds = EVERYTHING) -> QuerySet[Enrolment]:
    """The queryset that `ADMITTED` mirrors; a test compares them."""
    everybody = course.enrolments.admitted()
    found = everybody.counting_once() if needs.merged else everybody
    found = found.select_related("user__guest", "unit").only(*IN_ROW)
    return with_said(found.by_unit("user__name", "id"))
