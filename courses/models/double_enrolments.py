"""Two records of one person may both be enrolled in a course (`User.merged_into`): of these enrolments one counts.

Attended counts before excused, excused before absent, an outcome before a live enrolment, a place before an application or a waiting
place; of equal ones the earlier row.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Exists, Func, IntegerField, OuterRef, Q
from django.db.models.functions import Coalesce

from accounts.queries.persons import merged_records, person_key
from courses.enums import LIVE, EnrolmentState

if TYPE_CHECKING:
    from courses.models.enrolment import Enrolment

S = EnrolmentState
# From the state that counts before the others; all the rest (cancelled, declined) counts last.
_WEIGHTS = dict.fromkeys(LIVE, 1) | {S.ATTENDED: 5, S.EXCUSED: 4, S.ABSENT: 3, S.ADMITTED: 2}
_WHENS = " ".join(f"WHEN '{S(state).value}' THEN {weight}" for state, weight in _WEIGHTS.items())


class Weight(Func):
    """The number by which one of several enrolments of a person counts: the greatest, and of equal ones the earlier row.

    One expression with the words written out: `once_q` names it four times, and Django's `Case` of six `When` is copied, resolved and
    compiled each time, which was a sixth of the closing page.
    """

    template = f"CASE %(expressions)s {_WHENS} ELSE 0 END"
    arity = 1
    output_field = IntegerField()


def weight_of() -> Weight:
    """Return the expression of an enrolment's `state`."""
    return Weight("state")


def once_q() -> Q:
    """Return the condition of an enrolment that counts: it is no double, or the one of them that counts.

    Only the few people with merged records cost a look at the other enrolments of the course. Annotate rows by `weighed` first.
    """
    from courses.models.enrolment import Enrolment

    twins = Enrolment.objects.annotate(weight=weight_of(), person=person_key())
    better = Q(weight__gt=OuterRef("weight")) | Q(weight=OuterRef("weight"), pk__lt=OuterRef("pk"))
    counts_instead = twins.filter(better, course_id=OuterRef("course_id"), person=OuterRef("person"))
    return ~Q(user_id__in=merged_records()) | Q(~Exists(counts_instead))


def weighed() -> dict[str, Weight | Coalesce]:
    """Return what `once_q` compares, for `alias`."""
    return {"weight": weight_of(), "person": person_key()}


def each_person_once(rows: Iterable["Enrolment"]) -> list["Enrolment"]:
    """Return of loaded enrolments those that `once_q` would leave among them; `user` is loaded."""
    best: dict[tuple[int, int], Enrolment] = {}
    for row in sorted(rows, key=lambda row: (-_WEIGHTS.get(S(row.state), 0), row.pk)):
        best.setdefault((row.course_id, row.person_id), row)
    return sorted(best.values(), key=lambda row: row.pk)
