"""報名: one row a person and course, capacity never exceeded, cancel in time."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from checks.invariants import seat_counters
from courses.actions import admissions, enrolments
from courses.enums import EnrolmentState as S
from courses.errors import (
    AlreadyEnrolled,
    CannotAdmit,
    CourseFull,
    EnrolmentClosed,
    NeedsBusinessAccount,
    NotEnrolled,
    NotOnTheList,
    NotTheHandler,
    NotYourUnit,
    TooFewPlaces,
    TooLateToCancel,
)
from courses.models import Course, Enrolment
from courses.queries.lights import teacher_light, teacher_lights
from kit import clock
from notices.models import Notice
from tests.factories import (
    acting,
    close,
    enrol,
    make_account,
    make_course,
    make_enrolment,
    make_user,
    teacher,
)

pytestmark = pytest.mark.django_db


def test_enrolling_admits_at_once_and_takes_a_place() -> None:
    course = make_course()
    assert enrol(course).state == S.ADMITTED
    course.refresh_from_db()
    assert course.seats_taken == 1


def test_enrol_refuses_when_the_course_is_full_and_keeps_no_waiting_list() -> None:
    course = make_course(capacity=1, waiting_list=False)
    enrol(course)
    with pytest.raises(CourseFull):
        enrol(course)
    assert course.enrolments.count() == 1


def test_the_database_refuses_more_seats_than_places() -> None:
    course = make_course(capacity=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Course.objects.filter(pk=course.pk).update(seats_taken=2)


def test_a_full_course_fills_its_waiting_list_and_a_cancellation_moves_the_first_up() -> None:
    course, first = make_course(capacity=1), make_user()
    enrol(course, first)
    waiting = [enrol(course), enrol(course)]
    assert [row.state for row in waiting] == [S.WAITLISTED] * 2
    enrolments.cancel(course=course, by=teacher(first))
    states = [Enrolment.objects.get(pk=row.pk).state for row in waiting]
    assert states == [S.ADMITTED, S.WAITLISTED]
    assert Notice.objects.filter(kind="admitted", recipient=waiting[0].user).exists()
    assert seat_counters() == 0


def test_nobody_enrols_twice() -> None:
    course, person = make_course(), make_user()
    enrol(course, person)
    with pytest.raises(AlreadyEnrolled):
        enrol(course, person)
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrolment.objects.create(course=course, user=person, state=S.APPLIED, enrolled_at=clock.now())


def test_who_cancelled_may_enrol_again_in_the_same_row() -> None:
    course, person = make_course(), make_user()
    row = enrol(course, person)
    enrolments.cancel(course=course, by=teacher(person))
    assert enrol(course, person).pk == row.pk
    assert seat_counters() == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"enrol_from": clock.date(2026, 11, 25)},
        {"enrol_until": clock.date(2026, 11, 23)},
    ],
)
def test_enrol_refuses_outside_the_window(fields: dict[str, Any]) -> None:
    with pytest.raises(EnrolmentClosed):
        enrol(make_course(**fields))


def test_a_draft_is_no_course_that_anybody_could_name(client: Client) -> None:
    draft = make_course(state="draft")
    with pytest.raises(Course.DoesNotExist):
        enrol(draft)
    client.force_login(make_user())
    assert client.post(reverse("courses:enrol", args=[draft.code])).status_code == 404


def test_enrol_refuses_when_the_course_is_over() -> None:
    with pytest.raises(EnrolmentClosed):
        enrol(make_course(ago=1))


def test_both_days_of_the_window_are_open() -> None:
    today = clock.today()
    assert enrol(make_course(enrol_from=today, enrol_until=today)).state == S.ADMITTED


def test_cancelling_is_possible_until_the_end_of_the_day_before_and_not_later() -> None:
    course, person = make_course(), make_user()
    enrol(course, person)
    midnight = clock.at_taipei(course.starts_on)  # type: ignore[arg-type]
    with pytest.raises(TooLateToCancel):
        enrolments.cancel(course=course, by=teacher(person), at=midnight)
    row = enrolments.cancel(course=course, by=teacher(person), at=midnight - timedelta(seconds=1))
    assert row.state == S.CANCELLED


def test_cancelling_what_one_is_not_enrolled_in_is_refused() -> None:
    with pytest.raises(NotEnrolled):
        enrolments.cancel(course=make_course(), by=teacher(make_user()))


def test_review_takes_no_place_until_admitted_and_admits_all_or_none() -> None:
    handler = make_account()
    course = make_course(handler, admission="review", capacity=1)
    rows = [enrol(course), enrol(course)]
    with pytest.raises(CourseFull):
        admissions.admit(course=course, by=acting(handler), enrolment_ids=[r.pk for r in rows])
    assert course.enrolments.filter(state=S.APPLIED).count() == 2
    admissions.admit(course=course, by=acting(handler), enrolment_ids=[rows[0].pk])
    assert seat_counters() == 0
    with pytest.raises(CannotAdmit):
        admissions.admit(course=course, by=acting(handler), enrolment_ids=[rows[0].pk])


def test_declining_an_admitted_person_frees_the_place_and_moves_the_list_up() -> None:
    handler = make_account()
    course = make_course(handler, capacity=1)
    first, second = enrol(course), enrol(course)
    admissions.decline(course=course, by=acting(handler), enrolment_ids=[first.pk], note="限本校")
    second.refresh_from_db()
    assert second.state == S.ADMITTED
    assert "限本校" in Notice.objects.get(kind="declined").body
    assert seat_counters() == 0


def test_only_the_handler_or_the_lead_of_the_unit_decides() -> None:
    handler = make_account()
    course = make_course(handler, admission="review")
    row = enrol(course)
    colleague, stranger = make_account(handler.unit), make_account()
    for actor, error in (
        (acting(colleague), NotTheHandler),
        (acting(stranger), NotYourUnit),
        (teacher(handler.user), NeedsBusinessAccount),
    ):
        with pytest.raises(error):
            admissions.admit(course=course, by=actor, enrolment_ids=[row.pk])


def test_an_ended_account_can_do_nothing() -> None:
    handler = make_account(valid_until=clock.today() - timedelta(days=1))
    course = make_course(handler, admission="review")
    with pytest.raises(NeedsBusinessAccount):
        admissions.admit(course=course, by=acting(handler), enrolment_ids=[enrol(course).pk])


def test_the_teachers_light_goes_from_two_to_three_when_a_third_absence_is_closed() -> None:
    person = make_user()
    for _ in range(2):
        course = make_course(ago=5)
        close(course, absent=(make_enrolment(course, person),))
    assert (teacher_light(person.pk).colour, teacher_light(person.pk).absences) == ("yellow", 2)
    third = make_course(ago=4)
    row = make_enrolment(third, person)
    assert teacher_light(person.pk).absences == 2
    close(third, absent=(row,))
    assert teacher_light(person.pk).colour == "red"


def test_the_lights_of_many_applicants_cost_two_queries(django_assert_num_queries: Any) -> None:
    people = [make_user().pk for _ in range(3)]
    for ids in (people[:1], people):
        with django_assert_num_queries(2):
            teacher_lights(ids, 115)


def test_a_person_who_only_waits_writes_nothing_to_the_course_and_takes_few_queries(
    django_assert_max_num_queries: Any,
) -> None:
    """A rush: two thousand people on a full course hold its row for a moment each and leave it as it is."""
    course = make_course(capacity=1)
    enrol(course)
    person, client = make_user(), Client()
    client.force_login(person)
    client.get(reverse("courses:public", args=[course.code]))
    # A test's own transactions are savepoints: two statements that a real one sends as BEGIN and COMMIT.
    with django_assert_max_num_queries(12) as asked:
        client.post(reverse("courses:enrol", args=[course.code]))
    assert not [query["sql"] for query in asked.captured_queries if query["sql"].startswith("UPDATE")]
    assert Enrolment.objects.get(course=course, user=person).state == S.WAITLISTED


def test_admitting_more_than_the_places_left_says_how_many_and_keeps_the_ticks() -> None:
    course = make_course(capacity=2, admission="review")
    rows = [make_enrolment(course, state=S.APPLIED) for _ in range(3)]
    with pytest.raises(TooFewPlaces) as refused:
        admissions.admit(course=course, by=acting(course.handler), enrolment_ids=[r.pk for r in rows])
    assert "2" in refused.value.message and "3" in refused.value.message
    client = Client()
    client.force_login(course.handler.user)
    url = reverse("courses:admit", args=[course.code])
    page = client.post(
        url, {"enrolment": [r.pk for r in rows], "action": "admit", "note": "下次請早"}
    ).content.decode()
    assert page.count(" checked ") == 3 and 'value="下次請早"' in page
    assert refused.value.message in page and not course.enrolments.filter(state=S.ADMITTED).exists()


@pytest.mark.parametrize("act", [admissions.admit, admissions.decline])
def test_people_who_are_not_on_the_list_are_no_success(act: Any) -> None:
    course, foreign = make_course(admission="review"), make_enrolment(make_course(), state=S.APPLIED)
    row = make_enrolment(course, state=S.APPLIED)
    with pytest.raises(NotOnTheList) as refused:
        act(course=course, by=acting(course.handler), enrolment_ids=[row.pk, foreign.pk])
    assert foreign.user.name not in refused.value.message
    row.refresh_from_db()
    assert row.state == S.APPLIED
