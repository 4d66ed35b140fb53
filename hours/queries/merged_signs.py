"""Signs of people who have several records: each sign counts for the record that is on the list of the course (docs/adr/0024)."""

from typing import Any

from django.db.models import BigIntegerField, Case, F, OuterRef, Subquery, When
from django.db.models.functions import Coalesce

from accounts.queries.persons import merged_records, person_key
from courses.enums import SEATED
from courses.models import Enrolment
from courses.models.double_enrolments import weight_of


def listed_record(course_id: int, user: str = "user") -> Case:
    """Return the expression of the record for which a sign of `user` counts: the one with a place in the course, or the person's own.

    Only signs of the few merged people cost a look at the enrolments of the course.
    """
    held = Enrolment.objects.filter(course=course_id, state__in=SEATED)
    weighed = held.annotate(weight=weight_of(), person=person_key())
    same = weighed.filter(person=Coalesce(OuterRef(f"{user}__merged_into"), OuterRef(f"{user}_id")))
    number = BigIntegerField()
    found = Subquery(same.order_by("-weight", "pk").values("user_id")[:1], output_field=number)
    counted = Coalesce(found, person_key(user), output_field=number)
    is_merged = When(**{f"{user}__in": merged_records()}, then=counted)
    return Case(is_merged, default=F(f"{user}_id"), output_field=number)


def record_of(course_id: int, person_id: int) -> int:
    """Return the record of a person that has a place in a course, or the person's own."""
    return records_of(person_id, [course_id]).get(course_id, person_id)


def records_of(person_id: int, courses: Any) -> dict[int, int]:
    """Return the record with a place, by course, for those of the courses in which the person has one; in one query."""
    rows = Enrolment.objects.of_person(person_id).filter(course__in=courses, state__in=SEATED)
    best = rows.annotate(weight=weight_of()).order_by("weight", "-pk")
    return dict(best.values_list("course_id", "user_id"))
