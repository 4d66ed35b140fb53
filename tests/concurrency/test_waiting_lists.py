"""Waiting lists on PostgreSQL: who came first gets the place, one place is accepted once. Each race has a twin without its guard."""

import time
from datetime import date
from datetime import time as wall
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, transaction

from checks.invariants import seat_counters
from courses.actions import admissions, enrolments, seats
from courses.actions.enrolments import Queue
from courses.enums import EnrolmentState as S
from courses.errors import PlaceTaken
from courses.models import Course, Enrolment
from kit import clock
from tests.concurrency.race import at_once, wait_until_somebody_waits
from tests.factories import acting, make_course, make_enrolment, make_user, teacher

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
Patch = pytest.MonkeyPatch
DAY = date(2026, 12, 9)


def offered_to(number: int) -> tuple[Course, list[Enrolment]]:
    """A course after the policy's day with one free place, which was offered to so many people who wait."""
    course = make_course(day=DAY, capacity=1)
    holder = make_enrolment(course)
    rows = [make_enrolment(course, state=S.WAITLISTED) for _ in range(number)]
    admissions.decline(course=course, by=acting(course.handler), enrolment_ids=[holder.pk])
    return course, rows


def accept_at_once() -> list[Any]:
    with time_machine.travel(clock.at_taipei(DAY, wall(8)), tick=True):
        course, rows = offered_to(12)
        results = at_once(
            [lambda r=row: enrolments.accept(course=course, by=teacher(r.user)) for row in rows]
        )
    return [type(result) for result in results]


def test_one_free_place_is_accepted_by_one_of_many_who_click_at_once() -> None:
    results = accept_at_once()
    assert sorted(results, key=str).count(Enrolment) == 1 and results.count(PlaceTaken) == 11
    assert seat_counters() == 0


def test_twin_places_counted_before_they_are_claimed_are_accepted_twice(monkeypatch: Patch) -> None:
    def read(course: Course) -> Course:
        found = Course.objects.get(pk=course.pk)
        time.sleep(0.3)
        return found

    def written(course_id: int, count: int = 1) -> bool:
        Course.objects.filter(pk=course_id).update(seats_taken=1)
        return True

    monkeypatch.setattr(enrolments, "lock_course", read)
    monkeypatch.setattr(seats, "claim", written)
    assert accept_at_once().count(Enrolment) > 1


def two_who_wait_for_one_place() -> list[S]:
    """A cancels and is slow to save it; B and then C begin to wait meanwhile, and C is the faster one. The states of B and C."""
    course, first, second, third = make_course(capacity=1), make_user(), make_user(), make_user()
    enrolments.enrol(code=course.code, by=teacher(first))
    freed, both = Event(), Event()
    create = enrolments._create

    def slowly(asked: Any, by: Any, state: S, moment: Any) -> Enrolment:
        if by.user.pk == second.pk:
            time.sleep(0.4)  # C is done with all this before
        return create(asked, by, state, moment)

    def cancels() -> None:
        with transaction.atomic():
            enrolments.cancel(course=course, by=teacher(first))
            freed.set()
            both.wait(5)
            time.sleep(0.4)

    def begins_first() -> Enrolment:
        freed.wait(10)
        return enrolments.enrol(code=course.code, by=teacher(second))

    def begins_later() -> Enrolment:
        freed.wait(10)
        time.sleep(0.2)
        both.set()
        return enrolments.enrol(code=course.code, by=teacher(third))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(enrolments, "_create", slowly)
        results = at_once([cancels, begins_first, begins_later])
    assert not [result for result in results if isinstance(result, Exception)], results
    assert seat_counters() == 0
    return [S(Enrolment.objects.get(course=course, user=person).state) for person in (second, third)]


def test_of_two_who_begin_to_wait_for_a_freed_place_the_first_gets_it() -> None:
    assert two_who_wait_for_one_place() == [S.ADMITTED, S.WAITLISTED]


def test_twin_who_claims_a_freed_place_at_once_overtakes(monkeypatch: Patch) -> None:
    decide, begun = enrolments._state_on_enrolling, []

    def claimed_at_once(facts: Any, moment: Any, queue: Queue) -> tuple[S, bool]:
        is_first = len(begun) == 1  # after the person whose place is freed
        begun.append(moment)
        state, met_a_free_place = decide(facts, moment, queue)
        if met_a_free_place and is_first:
            time.sleep(0.4)
        return (S.ADMITTED if met_a_free_place and seats.claim(facts.course.pk) else state), False

    monkeypatch.setattr(enrolments, "_state_on_enrolling", claimed_at_once)
    monkeypatch.setattr(enrolments, "_settle", lambda row, moment: row)
    assert two_who_wait_for_one_place() == [S.WAITLISTED, S.ADMITTED]


def claim_that_waits_for_the_last_place() -> list[Any]:
    """A takes the last place and is slow to save it; B wants it, too, and D, who has a place, cancels meanwhile. What became of them."""
    course, (first, second, holder) = make_course(capacity=2), [make_user() for _ in range(3)]
    enrolments.enrol(code=course.code, by=teacher(holder))
    claimed, wanted = Event(), Event()

    def takes_it() -> Enrolment:
        with transaction.atomic():
            row = enrolments.enrol(code=course.code, by=teacher(first))
            claimed.set()
            wait_until_somebody_waits("transactionid")
            wanted.set()
            wait_until_somebody_waits("tuple")
            return row

    def wants_it() -> Enrolment:
        claimed.wait(10)
        return enrolments.enrol(code=course.code, by=teacher(second))

    def cancels() -> Enrolment:
        wanted.wait(10)
        return enrolments.cancel(course=course, by=teacher(holder))

    results = at_once([takes_it, wants_it, cancels])
    assert seat_counters() == 0
    return results


def test_who_finds_the_last_place_taken_and_who_cancels_do_not_wait_for_each_other() -> None:
    results = claim_that_waits_for_the_last_place()
    assert [type(result) for result in results] == [Enrolment] * 3, results
    assert set(Enrolment.objects.values_list("state", flat=True)) == {S.ADMITTED, S.CANCELLED}


def test_twin_with_the_queue_after_the_row_they_wait_for_each_other(monkeypatch: Patch) -> None:
    decide = enrolments._state_on_enrolling

    def without_beginning_again(facts: Any, moment: Any, queue: Queue) -> tuple[S, bool]:
        if seats.claim_unasked(facts.course.pk):
            return S.ADMITTED, False
        return decide(facts, moment, Queue.TOGETHER)

    monkeypatch.setattr(enrolments, "_state_on_enrolling", without_beginning_again)
    # Who cancels may reach the new version of the row first, and then nobody waits for the other: PostgreSQL wakes both at once.
    tries = (claim_that_waits_for_the_last_place() for _ in range(6))
    assert any(isinstance(result, OperationalError) for results in tries for result in results)


def two_with_a_key_who_meet_a_free_place() -> list[Any]:
    """Two enrol by transactions that go on afterwards, as requests with an idempotency key do, while a place waits for others."""
    course = make_course(capacity=3)
    make_enrolment(course, state=S.WAITLISTED)
    share = enrolments.share_course

    def slowly(course_id: int) -> Any:
        found = share(course_id)
        time.sleep(0.4)
        return found

    def enrols(code: str) -> Enrolment:
        with transaction.atomic():
            return enrolments.enrol(code=code, by=teacher(make_user()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(enrolments, "share_course", slowly)
        results = at_once([lambda: enrols(course.code)] * 2)
    assert seat_counters() == 0
    return results


def test_two_requests_with_a_key_that_meet_a_free_place_do_not_wait_for_each_other() -> None:
    results = two_with_a_key_who_meet_a_free_place()
    assert [type(result) for result in results] == [Enrolment] * 2, results
    assert set(Enrolment.objects.values_list("state", flat=True)) == {S.ADMITTED}


def test_twin_who_settles_with_a_shared_queue_waits_for_the_other(monkeypatch: Patch) -> None:
    whole = SimpleNamespace(in_atomic_block=False)
    monkeypatch.setattr(enrolments, "connection", whole)
    assert [r for r in two_with_a_key_who_meet_a_free_place() if isinstance(r, OperationalError)]
