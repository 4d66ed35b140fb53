"""Races on PostgreSQL, each with a twin: the same race with its guard removed, which must go wrong."""

import time
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.acting import Actor
from accounts.models import User
from checks.invariants import quota_counters, seat_counters, seats_kept_counters
from courses.actions import audiences, enrolments, quota_seats, seats, states, transfer_decisions, transfers
from courses.enums import Admission, TransferState
from courses.enums import EnrolmentState as S
from courses.errors import CourseFull, TransferDecided
from courses.locks import Seats, lock_course
from courses.models import Course, Enrolment, Quota, TransferRequest
from hours.actions import drafts, surveys
from hours.actions.closing import close_course
from hours.errors import AlreadyAnswered, NewerDraft
from hours.models import Closing, ClosingDraft, HourCredit, Mark, Sheet, Survey
from hours.queries import drafts as draft_queries
from hours.queries.surveys import questions_of
from kit import clock
from kit.errors import Refusal
from tests.concurrency.race import at_once
from tests.factories import (
    acting,
    make_account,
    make_course,
    make_enrolment,
    make_lead,
    make_operator,
    make_unit,
    make_user,
    sheet_with,
    teacher,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def people(number: int) -> list[User]:
    serial = User.objects.count()
    return User.objects.bulk_create(
        [User(email=f"race{serial + i}@x.example", name=f"人{i}", password="!") for i in range(number)]
    )


def rush(course: Course, number: int = 200) -> list[Any]:
    rows = people(number)
    return at_once([lambda p=p: enrolments.enrol(code=course.code, by=teacher(p)) for p in rows])


def test_two_hundred_claims_on_thirty_places_give_exactly_thirty() -> None:
    course = make_course(capacity=30, waiting_list=False)
    results = rush(course)
    assert sum(isinstance(r, Enrolment) for r in results) == 30
    assert sum(isinstance(r, CourseFull) for r in results) == 170
    course.refresh_from_db()
    assert course.seats_taken == 30 == course.enrolments.filter(state=S.ADMITTED).count()


def test_twin_places_claimed_by_reading_first_are_given_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    def naive(course_id: int) -> bool:
        course = Course.objects.get(pk=course_id)
        time.sleep(0.01)
        if not course.seats_left:
            return False
        course.seats_taken += 1
        course.save(update_fields=["seats_taken"])
        return True

    monkeypatch.setattr(seats, "claim_unasked", naive)
    course = make_course(capacity=30, waiting_list=False)
    rush(course)
    assert course.enrolments.filter(state=S.ADMITTED).count() > 30


def rush_on_a_quota() -> Course:
    """Forty colleagues and forty strangers enrol at once in a course of 20 places, ten of which are kept for colleagues."""
    course = make_course(capacity=20, waiting_list=False)
    own = audiences.QuotaData(audiences.Who("own_unit"), 10)
    by = acting(course.handler)
    audiences.set_audience(course=course, by=by, data=audiences.AudienceData(quotas=[own]))
    everybody = [make_user(unit=course.unit if number % 2 else None) for number in range(80)]
    at_once([lambda p=p: enrolments.enrol(code=course.code, by=teacher(p)) for p in everybody])
    course.refresh_from_db()
    return course


def test_a_quota_is_given_exactly_once_and_only_to_those_it_is_for() -> None:
    course = rush_on_a_quota()
    kept = course.enrolments.filter(quota__isnull=False)
    assert (course.seats_taken, course.seats_kept, kept.count()) == (20, 0, 10)
    assert all(row.unit_id == course.unit_id for row in kept)
    assert (seat_counters(), quota_counters(), seats_kept_counters()) == (0, 0, 0)


def test_twin_a_quota_that_is_read_before_it_is_written_is_given_too_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def naive(course_id: int, found: Any) -> bool:
        for quota in found.kept.values():
            now = Quota.objects.get(pk=quota.pk)
            time.sleep(0.01)
            if not now.left:
                return False
            Quota.objects.filter(pk=quota.pk).update(taken=now.taken + 1)
        return True

    monkeypatch.setattr(quota_seats, "claim", naive)
    monkeypatch.setattr(enrolments, "lock_course", lambda course: Course.objects.get(pk=course.pk))
    course = rush_on_a_quota()
    assert course.enrolments.filter(quota__isnull=False).count() > 10


def review_begins_while_somebody_enrols(course: Course) -> S:
    """The organiser begins to decide after the course was read and before the place is claimed. Return the person's state."""
    claim = seats.claim_unasked

    def later(course_id: int) -> bool:
        at_once([lambda: Course.objects.filter(pk=course_id).update(admission=Admission.REVIEW)])
        return claim(course_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seats, "claim_unasked", later)
        return S(enrolments.enrol(code=course.code, by=teacher(make_user())).state)


@pytest.mark.parametrize("waiting_list", [True, False])
def test_nobody_is_admitted_unasked_after_review_has_begun(waiting_list: bool) -> None:
    course = make_course(capacity=5, waiting_list=waiting_list)
    assert review_begins_while_somebody_enrols(course) == S.APPLIED and seat_counters() == 0


def test_twin_a_claim_that_ignores_the_admission_admits_one_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seats, "claim_unasked", seats.claim)
    assert review_begins_while_somebody_enrols(make_course(capacity=5)) == S.ADMITTED


def test_with_a_waiting_list_everybody_is_kept_in_order() -> None:
    course = make_course(capacity=5)
    results = rush(course, 40)
    assert all(isinstance(r, Enrolment) for r in results)
    assert course.enrolments.filter(state=S.WAITLISTED).count() == 35 and seat_counters() == 0


def given_back_while_somebody_begins_to_wait() -> list[S]:
    """A full course; its one person cancels and is slow to finish while another enrols. The states of both in the end."""
    course, first, second = make_course(capacity=1), *people(2)
    enrolments.enrol(code=course.code, by=teacher(first))
    freed, fill = Event(), seats.fill

    def slowly(held: Course, at: datetime, **options: Any) -> list[Enrolment]:
        moved = fill(held, at, **options)
        freed.set()
        time.sleep(0.5)  # freed, nobody waits yet, not committed
        return moved

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seats, "fill", slowly)
        at_once(
            [
                lambda: enrolments.cancel(course=Course.objects.get(pk=course.pk), by=teacher(first)),
                lambda: freed.wait(10) and enrolments.enrol(code=course.code, by=teacher(second)),
            ]
        )
    assert seat_counters() == 0
    return [S(Enrolment.objects.get(course=course, user=person).state) for person in (first, second)]


def test_a_place_given_back_does_not_pass_by_the_person_who_begins_to_wait() -> None:
    assert given_back_while_somebody_begins_to_wait() == [S.CANCELLED, S.ADMITTED]


def test_twin_without_the_queue_a_person_waits_before_a_free_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def unqueued(course_id: int) -> Seats:
        course = Course.objects.get(pk=course_id)
        return Seats(course.state, course.admission, course.seats_left)

    monkeypatch.setattr(enrolments, "share_course", unqueued)
    assert given_back_while_somebody_begins_to_wait() == [S.CANCELLED, S.WAITLISTED]


def begins_to_wait_beside_another(patience: float) -> bool:
    """A full course; one person begins to wait and is slow to finish. Whether another one could do so meanwhile."""
    course, first, second, third = make_course(capacity=1), *people(3)
    enrolments.enrol(code=course.code, by=teacher(first))
    begun, through = Event(), Event()

    def slowly() -> bool:
        with transaction.atomic():
            enrolments.enrol(code=course.code, by=teacher(second))
            begun.set()
            return through.wait(patience)

    def meanwhile() -> None:
        begun.wait(10)
        enrolments.enrol(code=course.code, by=teacher(third))
        through.set()

    passed, _ = at_once([slowly, meanwhile])
    assert course.enrolments.filter(state=S.WAITLISTED).count() == 2
    return bool(passed)


def test_those_who_begin_to_wait_do_not_wait_for_each_other() -> None:
    assert begins_to_wait_beside_another(10)


def test_twin_with_a_lock_for_one_they_stand_in_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def alone(course_id: int) -> Seats:
        course = lock_course(Course.objects.get(pk=course_id))
        return Seats(course.state, course.admission, course.seats_left)

    monkeypatch.setattr(enrolments, "share_course", alone)
    assert not begins_to_wait_beside_another(1)


def test_one_person_clicking_in_many_windows_is_enrolled_once() -> None:
    course, person = make_course(), make_user()
    results = at_once([lambda: enrolments.enrol(code=course.code, by=teacher(person))] * 20)
    assert sum(isinstance(r, Enrolment) for r in results) == 1
    assert seat_counters() == 0


def closes(number: int = 50) -> tuple[Course, list[Any]]:
    course = make_course(ago=2)
    rows = [make_enrolment(course) for _ in range(3)]
    marks = {row.pk: Mark.of(S.ATTENDED, Decimal("3")) for row in rows}
    actor, sheet = acting(course.handler), Sheet("the-same", marks)
    return course, at_once([lambda: close_course(course=course, by=actor, sheet=sheet)] * number)


def test_the_same_close_fifty_times_at_once_returns_the_same_and_issues_once() -> None:
    course, results = closes()
    assert {r.pk if isinstance(r, Closing) else r for r in results} == {course.closing.pk}
    assert HourCredit.objects.count() == 3


def test_twin_without_the_lock_the_same_close_does_not_answer_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unlocked(course: Course) -> Course:
        found = Course.objects.select_related("handler__user", "unit").get(pk=course.pk)
        time.sleep(0.05)
        return found

    monkeypatch.setattr(states, "lock_course", unlocked)
    _, results = closes(10)
    assert not all(isinstance(r, Closing) for r in results)


def approvals() -> list[Any]:
    unit = make_unit()
    old, new, operator = make_account(unit), make_account(unit), acting(make_operator())
    row = transfers.request(by=acting(new), courses=[make_course(old)], reason="接辦")[0]
    return at_once([lambda: transfer_decisions.approve(transfers=[row], by=operator)] * 8)


def test_a_transfer_approved_at_once_by_many_moves_once() -> None:
    results = approvals()
    assert sum(isinstance(r, list) for r in results) == 1
    assert sum(isinstance(r, TransferDecided) for r in results) == 7


def test_twin_without_lock_and_compare_a_transfer_is_approved_often(monkeypatch: pytest.MonkeyPatch) -> None:
    def unlocked(rows: list[TransferRequest], by: Actor) -> Any:
        found = list(
            TransferRequest.objects.filter(pk__in=[r.pk for r in rows]).select_related(
                "to_account__user", "from_account__user", "requested_by"
            )
        )
        time.sleep(0.1)
        return by, Course.objects.select_related("handler").in_bulk(), found

    def decide(row: TransferRequest, state: TransferState, by: Any, at: Any) -> None:
        TransferRequest.objects.filter(pk=row.pk).update(state=state, decided_at=clock.now())

    monkeypatch.setattr(transfer_decisions, "_lock_requests", unlocked)
    monkeypatch.setattr(transfer_decisions, "note_decision", decide)
    monkeypatch.setattr(transfer_decisions, "refuse_impossible", lambda course, to: None)
    monkeypatch.setattr(transfer_decisions, "_move", lambda *args: None)
    assert sum(isinstance(r, list) for r in approvals()) > 1


def cancels_and_enrols() -> Course:
    course = make_course(capacity=10, waiting_list=False)
    holders, comers = people(10), people(10)
    for person in holders:
        enrolments.enrol(code=course.code, by=teacher(person))
    leave = [lambda p=p: enrolments.cancel(course=course, by=teacher(p)) for p in holders]
    come = [lambda p=p: enrolments.enrol(code=course.code, by=teacher(p)) for p in comers]
    results = at_once([act for pair in zip(leave, come, strict=True) for act in pair], threads=20)
    assert all(isinstance(r, Enrolment | Refusal) for r in results), results
    course.refresh_from_db()
    return course


def test_cancelling_against_enrolling_keeps_the_counter_true() -> None:
    course = cancels_and_enrols()
    assert course.seats_taken == course.enrolments.filter(state=S.ADMITTED).count()
    assert seat_counters() == 0


def test_twin_a_counter_written_back_from_memory_goes_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    def free(course_id: int, rows: list[Enrolment]) -> None:
        taken = Course.objects.values_list("seats_taken", flat=True).get(pk=course_id)
        time.sleep(0.02)
        Course.objects.filter(pk=course_id).update(seats_taken=max(taken - len(rows), 0))

    monkeypatch.setattr(quota_seats, "free", free)
    monkeypatch.setattr(enrolments, "lock_course", lambda course: Course.objects.get(pk=course.pk))
    cancels_and_enrols()
    assert seat_counters() == 1


def test_closing_and_the_job_at_once_leave_a_true_light() -> None:
    from checks.invariants import lights_off_recount
    from courses.actions import lights
    from tests.factories import close, overdue_courses

    handler = make_account()
    courses = overdue_courses(handler, 8)
    acts: list[Callable[[], Any]] = [lambda c=c: close(c) for c in courses[:6]]
    results = at_once(
        [act for close_one in acts for act in (close_one, lambda: lights.refresh())], threads=12
    )
    assert not [r for r in results if isinstance(r, Exception)], results
    assert lights_off_recount() == 0


def drafts_at_once() -> list[Any]:
    course = make_course(ago=2)
    row = make_enrolment(course)
    handler, lead = acting(course.handler), acting(make_lead(course.unit))
    mine, theirs = sheet_with({row.pk: ("absent", "3")}), sheet_with({row.pk: ("excused", "3")})
    return at_once(
        [
            lambda: drafts.save(course=course, by=handler, sheet=mine, base=0),
            lambda: drafts.save(course=course, by=lead, sheet=theirs, base=0),
        ]
    )


def test_of_two_drafts_saved_at_once_the_second_has_to_choose() -> None:
    for _ in range(5):
        kinds = {type(result) for result in drafts_at_once()}
        assert kinds == {ClosingDraft, NewerDraft}
    assert set(ClosingDraft.objects.values_list("version", flat=True)) == {1}


def test_twin_without_the_lock_nobody_has_to_choose(monkeypatch: pytest.MonkeyPatch) -> None:
    def unlocked(course: Course) -> Course:
        return Course.objects.get(pk=course.pk)

    def slow(draft: ClosingDraft | None, base: int, page: str) -> ClosingDraft | None:
        found = if_newer(draft, base, page)
        time.sleep(1)
        return found

    if_newer = draft_queries.if_newer
    monkeypatch.setattr(states, "lock_course", unlocked)
    monkeypatch.setattr(draft_queries, "if_newer", slow)
    results = drafts_at_once()
    assert not any(isinstance(result, NewerDraft) for result in results), results


def test_these_races_run_on_postgresql() -> None:
    assert connection.vendor == "postgresql"


def answered_at_once(course: Course, person: User) -> list[Any]:
    """One person sends the questionnaire from two pages, and four others answer with it."""
    others = [make_enrolment(course).user for _number in range(4)]
    return at_once(
        [
            lambda who=who: surveys.answer(course=course, by=teacher(who), answers={"content": 5})
            for who in (person, person, *others)
        ]
    )


def test_a_questionnaire_counts_each_person_once() -> None:
    course = make_course(ago=1, questionnaire="voluntary")
    results = answered_at_once(course, make_enrolment(course).user)
    assert sum(isinstance(result, AlreadyAnswered) for result in results) == 1
    survey = Survey.objects.get(course=course)
    assert survey.answers == 5 and survey.sums["content"] == [0, 0, 0, 0, 5]


def test_twin_without_the_lock_an_answer_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(course: Course) -> list[Any]:
        time.sleep(0.2)
        return questions_of(course)

    monkeypatch.setattr(surveys, "lock_course", lambda course: course)
    monkeypatch.setattr(surveys, "questions_of", slowly)
    course = make_course(ago=1, questionnaire="voluntary")
    Survey.objects.create(course=course)
    answered_at_once(course, make_enrolment(course).user)
    assert Survey.objects.get(course=course).answers < 5
