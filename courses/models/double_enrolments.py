"""Two records of one person may both be enrolled in a course (`User.merged_into`): of these enrolments one counts.

Attended counts before excused, excused before absent, an outcome before a live enrolment, a place before an application or a waiting
place; of equal ones the earlier row.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce

from accounts.queries.persons import merged_records, person_key
from courses.enums import LIVE, EnrolmentState

if TYPE_CHECKING:
    from courses.models.enrolment import Enrolment

S = EnrolmentState
# From the state that counts before the others; all the rest (cancelled, declined) counts last.
_WEIGHTS = dict.fromkeys(LIVE, 1) | {S.ATTENDED: 5, S.EXCUSED: 4, S.ABSENT: 3, S.ADMITTED: 2}


def weight_of() -> Case:
    """Return the expression by which one of several enrolments of a person counts: the greatest, and of equal ones the earlier row."""
    whens = [When(state=state, then=Value(weight)) for state, weight in _WEIGHTS.items()]
    return Case(*whens, default=Value(0), output_field=IntegerField())


def once_q() -> Q:
    """Return the condition of an enrolment that counts: it is no double, or the one of them that counts.

    Only the few people with merged records cost a look at the other enrolments of the course. Annotate rows by `weighed` first.
    """
    from courses.models.enrolment import Enrolment

    twins = Enrolment.objects.annotate(weight=weight_of(), person=person_key())
    better = Q(weight__gt=OuterRef("weight")) | Q(weight=OuterRef("weight"), pk__lt=OuterRef("pk"))
    counts_instead = twins.filter(better, course_id=OuterRef("course_id"), person=OuterRef("person"))
    return ~Q(user_id__in=merged_records()) | Q(~Exists(counts_instead))


def weighed() -> dict[str, Case | Coalesce]:
    """Return what `once_q` compares, for `alias`."""
    return {"weight": weight_of(), "person": person_key()}


def each_person_once(rows: Iterable["Enrolment"]) -> list["Enrolment"]:
    """Return of loaded enrolments those that `once_q` would leave among them; `user` is loaded."""
    best: dict[tuple[int, int], Enrolment] = {}
    for row in sorted(rows, key=lambda row: (-_WEIGHTS.get(S(row.state), 0), row.pk)):
        best.setdefault((row.course_id, row.person_id), row)
    return sorted(best.values(), key=lambda row: row.pk)
