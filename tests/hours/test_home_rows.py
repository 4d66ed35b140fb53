"""The plain SQL of a teacher's home gives what its querysets give (docs/adr/0016)."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.actions import merging
from accounts.models import User
from accounts.queries.persons import has_one_record
from courses.enums import EnrolmentState, Participation
from courses.models import CourseHelper, Enrolment, Tag
from hours.actions import objections
from hours.actions.closing import close_course
from hours.models.sheet import Mark, Sheet, WalkIn
from hours.queries import home_rows, teacher
from hours.queries.credited import net_of
from hours.queries.objections import own
from kit import clock, request_memo
from tests.factories import acting, close, make_account, make_course, make_enrolment, make_operator, make_user
from tests.factories import teacher as as_teacher

pytestmark = pytest.mark.django_db
YEAR = clock.this_year


def busy_person() -> User:
    """Return a person with a row of each kind: ahead, waiting in the second place, owed, earned, absent, forgotten, of the last year."""
    person, handler, second = make_user(), make_account(), make_account()
    make_enrolment(make_course(handler), person)
    full = make_course(handler, ago=-3, capacity=1)
    for user in (make_user(), person, make_user()):
        make_enrolment(full, user, EnrolmentState.WAITLISTED)
    make_enrolment(make_course(handler, ago=-4), person, EnrolmentState.APPLIED)
    make_enrolment(make_course(handler, ago=-5), person, EnrolmentState.CANCELLED)
    make_enrolment(make_course(handler, ago=2), person)
    tags = [Tag.objects.create(name=name, code=f"home-{name}") for name in ("甲", "乙")]
    for ago, number in ((8, 2), (8, 0), (9, 1), (400, 1)):
        row = make_enrolment(make_course(handler, ago=ago, co_handler=second), person)
        row.course.tags.add(*tags[:number])
        close(row.course)
    for ago in (7, 401):
        row = make_enrolment(make_course(handler, ago=ago), person)
        close(row.course, absent=(row,))
    objections.object_to(course=row.course, by=as_teacher(person), text="有到")
    helped = make_course(handler, ago=12)
    make_enrolment(helped)
    sheet = Sheet(
        "key",
        {helped.enrolments.get().pk: Mark(EnrolmentState.ABSENT)},
        (WalkIn(person.pk, "2", Participation.LECTURER),),
    )
    close_course(course=helped, by=acting(handler), sheet=sheet)
    return person


def ahead_of(rows: list[Enrolment]) -> list[tuple[Any, ...]]:
    return [(*about(row), row.place, list(row.course.sessions.all())) for row in rows]  # type: ignore[attr-defined]


def about(row: Enrolment) -> tuple[Any, ...]:
    course = row.course
    people = [account.user.name for account in (course.handler, course.co_handler) if account]
    return row.pk, row.state, course.code, course.ends_on, course.hours, course.unit.name, people


def over_of(record: teacher.YearRecord) -> list[list[tuple[Any, ...]]]:
    lists = (record.earned, record.absences, record.forgotten)
    return [[(*about(row), net_of(row)) for row in rows] for rows in lists]


def compare(person: User, year: int) -> home_rows.OwnRows:
    found = home_rows.own_rows(person.pk, year)
    assert ahead_of(found.live) == ahead_of(teacher.live(person.pk))
    assert over_of(found.record) == over_of(teacher.record_of_year(person.pk, year))
    figures = home_rows.own_hours(person.pk, year)
    assert figures.by_topic == teacher.hours_by_topic(person.pk, year)
    assert figures.by_year == teacher.years_with_hours(person.pk)
    return found


def test_the_rows_of_the_home_are_those_of_the_querysets() -> None:
    person, year = busy_person(), YEAR()
    found = compare(person, year)
    assert len(found.live) == 4 and [row.place for row in found.live if row.state == "waitlisted"] == [2]  # type: ignore[attr-defined]
    assert all(
        (found.record.earned, found.record.absences, found.record.forgotten, found.record.helper_hours)
    )
    assert len(compare(person, year - 1).record.earned) == 1
    nobody = compare(make_user(), year)
    assert not nobody.live and not nobody.record.earned


def test_the_rows_of_merged_records_are_read_together() -> None:
    person, second = busy_person(), make_user()
    row = make_enrolment(make_course(ago=11), second)
    close(row.course)
    merging.merge(person=person, second=second, by=acting(make_operator()), reason="同一人")
    assert row.pk in [one.pk for one in compare(person, YEAR()).record.earned]


def test_a_home_reads_its_rows_without_a_query_for_each(django_assert_num_queries: Any) -> None:
    person = busy_person()
    with request_memo.remembering():
        has_one_record(person.pk)
        # The rows, their courses with the units, accounts and people, and the sessions.
        with django_assert_num_queries(3):
            found = home_rows.own_rows(person.pk, YEAR())
            over_of(found.record)
            ahead_of(found.live)


def test_what_a_person_has_left_is_found_and_nothing_else() -> None:
    person = make_user()
    assert home_rows.traces_of(person.pk) == home_rows.Traces([], helps=False, had_questionnaire=False)
    row = make_enrolment(make_course(ago=3, questionnaire="voluntary"), person)
    close(row.course, absent=(row,))
    objections.object_to(course=row.course, by=as_teacher(person), text="有到")
    CourseHelper.objects.create(
        course=make_course(),
        user=person,
        participation=Participation.STAFF,
        named_at=clock.now() - timedelta(1),
    )
    states = list(own(person.pk).order_by().values_list("course_id", "state"))
    assert home_rows.traces_of(person.pk) == home_rows.Traces(states, helps=True, had_questionnaire=True)
    assert len(states) == 1


def test_a_merged_record_is_searched_for_everything() -> None:
    person, second = make_user(), make_user()
    merging.merge(person=person, second=second, by=acting(make_operator()), reason="同一人")
    assert home_rows.traces_of(person.pk) == home_rows.Traces([], helps=True, had_questionnaire=True)
