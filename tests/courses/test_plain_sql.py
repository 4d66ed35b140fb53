"""Each plain statement of the courses gives what the queryset that it mirrors gives, on both databases."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Affiliation, User
from courses.actions.seats import claim, claim_unasked, claim_unasked_by_queryset
from courses.enums import AbsenceKind, Admission, CourseState, EnrolmentState, Participation
from courses.models import Course, CourseHelper, Enrolment, PlannedAbsence, Question
from courses.queries.enrolment_facts import FIELDS, enrolment_facts, enrolment_facts_by_queryset
from courses.queries.helpers import named_as, named_as_by_queryset
from courses.queries.reader_facts import reader_facts, reader_facts_by_queryset
from kit import clock
from tests.factories import make_course, make_enrolment, make_unit, make_user

pytestmark = pytest.mark.django_db


def make_people() -> dict[str, User]:
    """People who serve nowhere, at one unit, at several, who have left one, and who begin at one."""
    several, left, last_day, to_come, first_day = (make_user() for _ in range(5))
    for rank in (40, 20, 30):
        Affiliation.objects.create(user=several, unit=make_unit(), rank=rank)
    Affiliation.objects.create(user=left, unit=make_unit(), rank=10, until=clock.today() - timedelta(days=1))
    Affiliation.objects.create(user=left, unit=make_unit(), rank=40)
    Affiliation.objects.create(user=last_day, unit=make_unit(), until=clock.today())
    Affiliation.objects.create(
        user=to_come, unit=make_unit(), rank=10, since=clock.today() + timedelta(days=1)
    )
    Affiliation.objects.create(user=to_come, unit=make_unit(), rank=40)
    Affiliation.objects.create(user=first_day, unit=make_unit(), since=clock.today())
    return {
        "nowhere": make_user(),
        "one unit": make_user(unit=make_unit()),
        "several units": several,
        "left a unit": left,
        "leaves today": last_day,
        "begins tomorrow": to_come,
        "begins today": first_day,
    }


def make_course_in(state: str, **fields: Any) -> Course:
    if state == CourseState.CLOSED:
        fields["closed_at"] = clock.now()
    if state == CourseState.WITHDRAWN:
        fields |= {"withdrawn_at": clock.now(), "withdrawn_by": make_user(), "withdrawal_reason": "重複"}
    return make_course(state=state, **fields)


def make_courses(people: list[User]) -> dict[str, Course]:
    """Courses in each state, with dates of enrolment and without (NULL), awaited by others, known to the person in each state."""
    today = clock.today()
    awaited, known, filled = make_course(capacity=1, seats_taken=1), make_course(), make_course()
    make_enrolment(awaited, state=EnrolmentState.WAITLISTED)
    make_enrolment(filled, state=EnrolmentState.ADMITTED)
    for person, state in zip(people, EnrolmentState, strict=False):
        make_enrolment(known, person, state=state)
    dated = make_course(enrol_from=today, enrol_until=today + timedelta(days=3), waiting_list=False)
    return {
        "dated": dated,
        "awaited": awaited,
        "known": known,
        "nobody waits": filled,
        **{state: make_course_in(state) for state in CourseState},
    }


def test_the_facts_of_enrolling_are_those_of_the_queryset() -> None:
    people = make_people()
    courses, day = make_courses(list(people.values())), clock.today()
    found = 0
    for name, course in courses.items():
        for case, person in people.items():
            facts = enrolment_facts(course.code, person.pk, day)
            mirrored = enrolment_facts_by_queryset(course.code, person.pk, day)
            assert (facts is None) == (mirrored is None) == (course.state == CourseState.DRAFT), (name, case)
            if facts and mirrored:
                found += 1
                assert facts == mirrored, (name, case)
                assert columns(facts.course) == columns(mirrored.course), (name, case)
    assert found == len(people) * sum(c.state != CourseState.DRAFT for c in courses.values())


def test_the_facts_of_a_reader_are_those_of_the_queryset() -> None:
    people = make_people()
    courses = make_courses(list(people.values()))
    ended: dict[str, Any] = {
        "is_active": False,
        "password": "!",
        "closed_at": clock.now(),
        "closed_because": "merged",
    }
    merged, helper = make_user(merged_into=people["nowhere"], **ended), people["one unit"]
    make_enrolment(courses["dated"], merged, note="名單")
    Question.objects.create(course=courses["awaited"], number=1, text="葷素", kind="text")
    for part in (Participation.STAFF, Participation.LECTURER):
        CourseHelper.objects.create(
            course=courses["awaited"], user=make_user(), participation=part, named_at=clock.now()
        )
    CourseHelper.objects.create(
        course=courses["dated"], user=helper, participation=Participation.LECTURER, named_at=clock.now()
    )
    CourseHelper.objects.create(
        course=courses["awaited"], user=merged, participation=Participation.STAFF, named_at=clock.now()
    )
    away = Enrolment.objects.filter(course=courses["known"]).earliest("pk")
    PlannedAbsence.objects.create(enrolment=away, kind=AbsenceKind.values[0], stated_at=clock.now())
    seen: set[tuple[int, bool, str, bool | None]] = set()
    read: list[Any] = []
    for name, course in courses.items():
        for person in (None, *(person.pk for person in people.values())):
            facts, mirrored = reader_facts(course, person), reader_facts_by_queryset(course, person)
            assert facts == mirrored, (name, person)
            if facts.mine and mirrored.mine:
                assert own_columns(facts.mine) == own_columns(mirrored.mine), (name, person)
            read.append(facts)
            seen.add(
                (
                    facts.waiting,
                    facts.has_questions,
                    facts.part,
                    facts.mine.user_id == person if facts.mine else None,
                )
            )
    assert {row.is_live_elsewhere for row in read} == {row.has_planned for row in read} == {True, False}
    assert {row[0] for row in seen} == {0, 1} and {row[1] for row in seen} == {True, False}
    assert {row[2] for row in seen} == {"", "lecturer", "staff"} and {row[3] for row in seen} == {
        None,
        True,
        False,
    }


def test_as_what_a_person_is_named_is_that_of_the_queryset() -> None:
    closed: dict[str, Any] = {"is_active": False, "closed_at": clock.now(), "closed_because": "merged"}
    person, other, course = make_user(), make_user(), make_course()
    records = [person, make_user(merged_into=person, **closed), make_user(merged_into=person, **closed)]
    found = []
    for record, part in zip(
        records, (Participation.STAFF, Participation.STAFF, Participation.LECTURER), strict=True
    ):
        CourseHelper.objects.create(course=course, user=record, participation=part, named_at=clock.now())
        for reader in (person, record, other):
            assert named_as(course.pk, reader.pk) == named_as_by_queryset(course.pk, reader.pk)
        found.append(named_as(course.pk, person.pk))
    assert found == ["staff", "staff", "lecturer"]
    assert named_as(course.pk, other.pk) == named_as(make_course().pk, person.pk) == ""


def own_columns(row: Enrolment) -> list[Any]:
    return [row.pk, row.user_id, row.state, row.enrolled_at, row.decided_at, row.note, row.cause]


def test_the_facts_read_the_columns_that_are_named_and_no_text() -> None:
    facts = enrolment_facts(make_course().code, make_user().pk, clock.today())
    assert facts
    loaded = {f.attname for f in Course._meta.concrete_fields} - facts.course.get_deferred_fields()
    assert loaded == {"id", *FIELDS}


def test_there_are_no_facts_of_an_unknown_course() -> None:
    person, day = make_user(), clock.today()
    for code in ("", "0", "' OR 1=1 --"):
        assert (
            enrolment_facts(code, person.pk, day) is enrolment_facts_by_queryset(code, person.pk, day) is None
        )


@pytest.mark.parametrize("taking", [claim_unasked, claim_unasked_by_queryset])
@pytest.mark.parametrize(
    ("taken", "admission", "state", "claimed"),
    [
        (0, Admission.AUTOMATIC, CourseState.REGISTERED, True),
        (9, Admission.AUTOMATIC, CourseState.REGISTERED, True),
        (10, Admission.AUTOMATIC, CourseState.REGISTERED, False),
        (0, Admission.REVIEW, CourseState.REGISTERED, False),
        *((0, Admission.AUTOMATIC, state, False) for state in CourseState if state != CourseState.REGISTERED),
    ],
)
def test_a_place_is_taken_unasked_where_the_queryset_takes_it(
    taking: Callable[[int], bool], taken: int, admission: str, state: str, claimed: bool
) -> None:
    course = make_course_in(state, capacity=10, seats_taken=taken, admission=admission)
    other = make_course(capacity=10)
    assert taking(course.pk) is claimed
    assert not taking(0)
    course.refresh_from_db()
    other.refresh_from_db()
    assert (course.seats_taken, other.seats_taken) == (taken + claimed, 0)


@pytest.mark.parametrize(
    ("taken", "count", "state", "claimed"),
    [
        (0, 1, CourseState.REGISTERED, True),
        (9, 1, CourseState.REGISTERED, True),
        (10, 1, CourseState.REGISTERED, False),
        (7, 3, CourseState.REGISTERED, True),
        (8, 3, CourseState.REGISTERED, False),
        (0, 11, CourseState.REGISTERED, False),
        *((0, 1, state, False) for state in CourseState if state != CourseState.REGISTERED),
    ],
)
def test_a_claim_takes_places_of_registered_courses_only(
    taken: int, count: int, state: str, claimed: bool
) -> None:
    course, other = make_course_in(state, capacity=10, seats_taken=taken), make_course(capacity=10)
    assert claim(course.pk, count) is claimed
    assert not claim(0)
    course.refresh_from_db()
    other.refresh_from_db()
    assert (course.seats_taken, other.seats_taken) == (taken + count * claimed, 0)


def columns(row: object) -> dict[str, object]:
    return {name: value for name, value in vars(row).items() if name != "_state"}
