"""Who is on a closing sheet is read by a statement that is written out, as the queryset reads it, on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Guest
from courses.enums import EnrolmentState, PlannedAbsenceState
from courses.models import Course, Enrolment, PlannedAbsence
from hours.queries.closing_needs import EVERYTHING, ClosingNeeds
from hours.queries.sheet_people import ADMITTED, RELATED, admitted, admitted_by_queryset
from kit import clock
from tests.factories import make_course, make_enrolment, make_unit, make_user
from tests.joined import same

pytestmark = pytest.mark.django_db
ALONE = ClosingNeeds(merged=False)


def make_people(course: Course) -> list[Enrolment]:
    """People in every state, of units and of none, of one name, a guest, and with absences that were stated before and after the admission."""
    for state in EnrolmentState:
        make_enrolment(course, state=state)
    here = make_unit()
    for unit in (here, None, here):
        make_enrolment(course, make_user(name="王小明", unit=unit))
    guest = make_user(is_guest=True, is_active=False)
    Guest.objects.create(person=guest, unit=course.unit, organisation="基金會", entered_at=clock.now())
    make_enrolment(course, guest)
    now, by = clock.now(), make_user()
    for said in PlannedAbsenceState:
        facts = {} if said == PlannedAbsenceState.OPEN else {"decided_at": now, "decided_by": by}
        for age in (timedelta(days=-2), timedelta(days=2)):
            row = make_enrolment(course)
            Enrolment.objects.filter(pk=row.pk).update(enrolled_at=now)
            PlannedAbsence.objects.create(
                enrolment=row, kind="sick", state=said, stated_at=now + age, **facts
            )
    return list(course.enrolments.all())


def test_the_people_of_a_sheet_are_those_of_the_queryset() -> None:
    course, other = make_course(ago=2), make_course(ago=2)
    make_people(course)
    make_enrolment(other)
    found = ADMITTED.all(course=course.pk)
    mirrored = list(admitted_by_queryset(course, ALONE))
    assert same(found, mirrored, RELATED) == len(admitted(course, EVERYTHING)) > 10
    assert {getattr(row, "said_state", None) for row in found} >= {None, *("open", "accepted", "refused")}


@pytest.mark.parametrize("nowhere", [False, True])
def test_no_person_of_a_sheet_costs_a_query(django_assert_num_queries: Any, nowhere: bool) -> None:
    course = make_course(ago=2)
    for _number in range(3):
        make_enrolment(course, make_user(unit=make_unit()))
    if nowhere:
        Enrolment.objects.filter(pk=make_enrolment(course).pk).update(unit=None)
    with django_assert_num_queries(1 + nowhere):
        rows = admitted(course, ALONE)
        assert len([row.unit_name for row in rows]) == 3 + nowhere
        assert all(row.course is course for row in rows)
