"""Hours on PostgreSQL: an objection is answered with a correction while the handler corrects. The hours count once."""

from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from courses.actions import states
from courses.enums import EnrolmentState as S
from courses.models import Course, Enrolment
from hours.actions import corrections, objections
from hours.actions.objections import Correction
from hours.errors import NothingToCorrect
from hours.models import HourCredit, Objection
from tests.concurrency.race import one_then_other
from tests.factories import acting, close, make_course, make_enrolment, teacher

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
THREE = Decimal("3")


def answered_while_corrected() -> tuple[list[Any], Decimal]:
    """The handler corrects an absent person to three hours; meanwhile the objection is answered with the same three hours."""
    course = make_course(ago=3)
    row = make_enrolment(course)
    close(course, absent=(row,))
    raised = objections.object_to(course=course, by=teacher(row.user), text="我有參加")
    by = acting(course.handler)
    fixed = {"by": by, "state": S.ATTENDED, "hours": THREE, "reason": "漏登"}
    results = one_then_other(
        lambda: corrections.correct(enrolment=row, **fixed),
        lambda: objections.answer(
            objection=raised, by=by, text="已更正", correction=Correction(S.ATTENDED, THREE)
        ),
        5,
        until_it_waits=True,
    )
    return results, row.credits.aggregate(total=Sum("hours"))["total"]


def test_a_correction_and_the_answer_to_an_objection_give_the_hours_once() -> None:
    (corrected, answered), hours = answered_while_corrected()
    assert isinstance(corrected, HourCredit) and isinstance(answered, NothingToCorrect)
    assert hours == THREE and Objection.objects.get().is_waiting


def test_twin_without_the_locks_the_hours_are_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    def course_as_it_is(course: Course) -> Course:
        return Course.objects.select_related("handler__user", "co_handler__user", "unit").get(pk=course.pk)

    def rows_as_they_are(course: Course, ids: list[int]) -> list[Enrolment]:
        return list(course.enrolments.filter(pk__in=ids).select_related("user"))

    monkeypatch.setattr(states, "lock_course", course_as_it_is)
    monkeypatch.setattr(objections, "lock_course", course_as_it_is)
    monkeypatch.setattr(corrections, "lock_enrolments", rows_as_they_are)
    (_corrected, answered), hours = answered_while_corrected()
    assert isinstance(answered, Objection) and hours == 2 * THREE
