"""Two acts on the same course, account or person: the second waits, then acts or is refused by a sentence (PostgreSQL).

Each race has a twin with its guard removed, which must go wrong.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from accounts.acting import Actor
from accounts.actions import appointments, first_operator, identity_changes, mass_appointments
from accounts.errors import EmailTaken, LastOperator, OperatorThere
from accounts.imports import file_turns
from accounts.imports import people as imports
from accounts.models import Affiliation, BusinessAccount, IdentityChange, Unit, User
from courses.actions import (
    admissions,
    enrolments,
    lights,
    registration,
    states,
    transfer_decisions,
    transfers,
    unit_life,
    withdrawal,
)
from courses.enums import Admission, CourseState
from courses.enums import EnrolmentState as S
from courses.errors import CourseGone, EnrolmentClosed, NeedsBusinessAccount, NotTheHandler
from courses.locks import Seats
from courses.models import Course, Enrolment, Stage, TransferRequest, UnitLight
from courses.queries.unit_life import left_at
from hours.actions import drafts
from hours.actions.closing import close_course
from hours.models import Closing, Mark, Sheet
from kit import clock
from kit.errors import Refusal
from notices.models import Notice
from tests.concurrency.race import at_once, impatient, one_then_other, wait_until_somebody_waits
from tests.factories import (
    acting,
    make_account,
    make_course,
    make_enrolment,
    make_officer,
    make_operator,
    make_unit,
    make_user,
    sheet_with,
    teacher,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
Patch = pytest.MonkeyPatch


def closing_of(course: Course, row: Enrolment, by: Actor) -> Closing:
    return close_course(course=course, by=by, sheet=Sheet("k", {row.pk: Mark.of(S.ATTENDED, Decimal("3"))}))


# A course changes hands while its former handler acts.

ACTS: dict[str, Callable[[Course, Enrolment, Actor], Any]] = {
    "close": closing_of,
    "withdraw": lambda c, row, by: withdrawal.withdraw(course=c, by=by, reason="not_held"),
    "decline": lambda c, row, by: admissions.decline(course=c, by=by, enrolment_ids=[row.pk]),
    "draft": lambda c, row, by: drafts.save(
        course=c, by=by, sheet=sheet_with({row.pk: ("absent", "3")}), base=0
    ),
}


def approved_while(act: Callable[[Course, Enrolment, Actor], Any], ago: int = 2) -> tuple[Any, Any]:
    """A transfer is approved, not yet saved, while the act is tried with a course and a hat loaded before."""
    former = make_account()
    course = make_course(former, ago=ago)
    row = make_enrolment(course)
    hat, operator = acting(former), acting(make_operator())
    (asked,) = transfers.request(by=acting(make_account(former.unit)), courses=[course], reason="接辦")
    approved, acted = one_then_other(
        lambda: transfer_decisions.approve(transfers=[asked], by=operator), lambda: act(course, row, hat)
    )
    return approved, acted


@pytest.mark.parametrize("name", ACTS)
def test_the_former_handler_waits_for_the_transfer_and_is_refused(name: str) -> None:
    approved, acted = approved_while(ACTS[name])
    assert isinstance(approved, list) and isinstance(acted, NotTheHandler), (approved, acted)


def test_a_teacher_cancels_while_the_course_changes_hands() -> None:
    def cancel(course: Course, row: Enrolment, by: Actor) -> Enrolment:
        return enrolments.cancel(course=course, by=teacher(row.user))

    _approved, cancelled = approved_while(cancel, ago=-14)
    assert isinstance(cancelled, Enrolment), cancelled


def joined(course: Course) -> Course:
    rows = Course.objects.select_related("handler__user", "unit")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=course.pk)


def test_twin_a_lock_that_joins_the_handler_loses_the_course(monkeypatch: Patch) -> None:
    monkeypatch.setattr(states, "lock_course", joined)
    _approved, acted = approved_while(ACTS["close"])
    assert isinstance(acted, Course.DoesNotExist), acted


def test_twin_rights_before_the_lock_let_the_former_handler_close(monkeypatch: Patch) -> None:
    def unchecked(course: Course, by: Actor) -> tuple[Course, Actor]:
        states.require_manager(by, course)
        return states.lock_course(course), by

    monkeypatch.setattr("hours.actions.closing.lock_managed", unchecked)
    _approved, acted = approved_while(ACTS["close"])
    assert isinstance(acted, Closing), acted


def test_of_two_who_discard_a_draft_the_second_gets_a_sentence() -> None:
    draft = make_course(state=CourseState.DRAFT)
    by = acting(draft.handler)

    def discard() -> None:
        registration.discard_draft(course=Course.objects.get(pk=draft.pk), by=by)

    gone = [result for result in at_once([discard] * 4) if result is not None]
    assert len(gone) == 3 and all(isinstance(result, CourseGone | Course.DoesNotExist) for result in gone)
    assert any(isinstance(result, CourseGone) for result in gone), gone


# A transfer is decided while its course is withdrawn or moved directly.


def decided_beside(other: str, monkeypatch: Patch) -> list[Any]:
    """Approve a transfer that is slow between its two locks, and begin the other act in that pause."""
    former, operator = make_account(), acting(make_operator())
    new, course = make_account(former.unit), make_course(former)
    (asked,) = transfers.request(by=acting(new), courses=[course], reason="接辦")
    paused, lock_transfers = Event(), transfer_decisions.lock_transfers

    def slowly(pks: Any) -> list[TransferRequest]:
        found = lock_transfers(pks)
        paused.set()
        time.sleep(0.5)
        return found

    monkeypatch.setattr(transfer_decisions, "lock_transfers", slowly)
    second = acting(make_operator())
    acts: dict[str, Callable[[], Any]] = {
        "withdraw": lambda: withdrawal.withdraw(course=course, by=acting(former), reason="not_held"),
        "move": lambda: transfer_decisions.move_courses(pairs=[(course, new)], by=second, reason="公文"),
    }
    return at_once(
        [
            lambda: transfer_decisions.approve(transfers=[asked], by=operator),
            lambda: paused.wait(5) and acts[other](),
        ]
    )


@pytest.mark.parametrize("other", ["withdraw", "move"])
def test_of_two_who_decide_about_a_course_one_gets_a_sentence(other: str, monkeypatch: Patch) -> None:
    results = decided_beside(other, monkeypatch)
    assert sum(isinstance(result, Refusal) for result in results) == 1, results
    assert not any(isinstance(result, Exception) and not isinstance(result, Refusal) for result in results)


def test_twin_the_request_locked_before_its_course_ends_in_a_deadlock(monkeypatch: Patch) -> None:
    def backwards(rows: list[TransferRequest], by: Actor) -> Any:
        found = transfer_decisions.lock_transfers([row.pk for row in rows])
        return by, transfer_decisions.lock_courses(row.course_id for row in rows), found

    monkeypatch.setattr(transfer_decisions, "_lock_requests", backwards)
    results = decided_beside("withdraw", monkeypatch)
    assert any(isinstance(result, OperationalError) for result in results), results


# Enrolling while the course is withdrawn.


def applied_while_withdrawn(admission: str) -> tuple[Course, Any]:
    course, person = make_course(admission=admission, capacity=1), make_user()
    enrolments.enrol(code=course.code, by=teacher(make_user()))
    hat = acting(course.handler)
    _withdrawn, applied = one_then_other(
        lambda: withdrawal.withdraw(course=course, by=hat, reason="not_held"),
        lambda: enrolments.enrol(code=course.code, by=teacher(person)),
    )
    return course, applied


@pytest.mark.parametrize("admission", Admission.values)
def test_nobody_applies_to_a_course_that_is_being_withdrawn(admission: str) -> None:
    course, applied = applied_while_withdrawn(admission)
    assert isinstance(applied, EnrolmentClosed) and not course.enrolments.live().exists()


def unqueued(course_id: int) -> Seats:
    course = Course.objects.get(pk=course_id)
    return Seats(course.state, course.admission, course.seats_left)


@pytest.mark.parametrize("admission", Admission.values)
def test_twin_without_the_queue_a_person_stays_in_a_withdrawn_course(
    admission: str, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(enrolments, "share_course", unqueued)
    course, applied = applied_while_withdrawn(admission)
    assert isinstance(applied, Enrolment) and course.enrolments.live().exists()


def test_an_application_saved_just_before_a_withdrawal_is_cancelled_and_notified() -> None:
    course, person = make_course(admission=Admission.REVIEW), make_user()
    applied, withdrawn = one_then_other(
        lambda: enrolments.enrol(code=course.code, by=teacher(person)),
        lambda: withdrawal.withdraw(course=course, by=acting(course.handler), reason="not_held"),
    )
    assert isinstance(applied, Enrolment) and isinstance(withdrawn, Course)
    assert course.enrolments.get().state == S.CANCELLED
    assert Notice.objects.filter(recipient=person, kind="course_withdrawn").count() == 1


# Cancelling during a rush on a full course.

RUSHING = 31


def overtakers(monkeypatch: Patch) -> tuple[int, float]:
    """A full course; 31 connections begin to wait for a place one after another, the 32nd cancels.

    Return how many began after the cancellation had begun and yet were saved before it, and how long it took.
    """
    course, first = make_course(capacity=1), make_user()
    enrolments.enrol(code=course.code, by=teacher(first))
    crowd = [[make_user() for _ in range(8)] for _ in range(RUSHING)]
    asked, cancelled = Event(), Event()
    overtaken: list[User] = []

    def comes(people: list[User], number: int) -> None:
        time.sleep(number * 0.01)
        for person in people:
            late = asked.is_set()
            if cancelled.is_set():
                return
            with transaction.atomic():
                enrolments.enrol(code=course.code, by=teacher(person))
                time.sleep(0.3)  # saved later: those who come next begin before
                if late and not cancelled.is_set():
                    overtaken.append(person)

    def cancels() -> float:
        time.sleep(0.6)
        began = time.monotonic()
        enrolments.cancel(course=course, by=teacher(first))
        cancelled.set()
        return time.monotonic() - began

    def watches() -> None:
        time.sleep(0.6)
        wait_until_somebody_waits("advisory" if fair else "transactionid")
        asked.set()

    fair = enrolments.lock_course is not unfair
    rushing = [lambda p=people, n=number: comes(p, n) for number, people in enumerate(crowd)]
    results = at_once([cancels, watches, *rushing], threads=RUSHING + 2)
    wrong = [result for result in results if isinstance(result, Exception)]
    assert not wrong, wrong
    assert course.enrolments.filter(state=S.ADMITTED).count() == 1
    return len(overtaken), results[0]


def test_who_cancels_in_a_rush_waits_only_for_those_who_came_before(monkeypatch: Patch) -> None:
    overtaken, _seconds = overtakers(monkeypatch)
    assert overtaken == 0


def unfair(course: Course) -> Course:
    return joined(course)


def shared_row(course_id: int) -> Seats:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, admission, capacity - seats_taken FROM courses_course WHERE id = %s FOR SHARE",
            [course_id],
        )
        return Seats(*cursor.fetchone())


def test_twin_those_who_share_the_row_overtake_who_cancels(monkeypatch: Patch) -> None:
    monkeypatch.setattr(enrolments, "lock_course", unfair)
    monkeypatch.setattr(enrolments, "share_course", shared_row)
    overtaken, _seconds = overtakers(monkeypatch)
    assert overtaken > RUSHING


def states_of_two_who_come() -> list[S]:
    """A cancels and is slow to save it; B begins to wait meanwhile; C comes when A's place is free. The states of B and C."""
    course, first, second, third = make_course(capacity=1), make_user(), make_user(), make_user()
    enrolments.enrol(code=course.code, by=teacher(first))
    freed, came, saved = Event(), Event(), Event()

    def cancels() -> None:
        with transaction.atomic():
            enrolments.cancel(course=course, by=teacher(first))
            freed.set()
            came.wait(0.5)
        saved.set()

    def begins_to_wait() -> None:
        freed.wait(10)
        with transaction.atomic():
            enrolments.enrol(code=course.code, by=teacher(second))
            came.set()
            time.sleep(0.3)

    def comes_later() -> None:
        came.wait(10)
        saved.wait(10)
        enrolments.enrol(code=course.code, by=teacher(third))

    assert at_once([cancels, begins_to_wait, comes_later]) == [None] * 3
    return [S(Enrolment.objects.get(user=person).state) for person in (second, third)]


def test_a_freed_place_goes_to_who_began_to_wait_for_it_first() -> None:
    assert states_of_two_who_come() == [S.ADMITTED, S.WAITLISTED]


def test_twin_without_the_queue_a_freed_place_goes_to_who_came_later(monkeypatch: Patch) -> None:
    monkeypatch.setattr(enrolments, "share_course", unqueued)
    assert states_of_two_who_come() == [S.WAITLISTED, S.ADMITTED]


# An account ends, or is suspended, while its holder acts.


def closes_while_stopped(how: str, *, closes_first: bool) -> tuple[Any, Any]:
    handler = make_account()
    course = make_course(handler, ago=2)
    row, hat = make_enrolment(course), acting(handler)
    operator = acting(make_operator())
    more = {"confirmed": True} if how == "end" else {}

    def stop() -> BusinessAccount:
        act = getattr(appointments, how)
        stopped: BusinessAccount = act(account=handler, by=operator, reason="離職", **more)
        return stopped

    def close() -> Closing:
        return closing_of(course, row, hat)

    if closes_first:
        closed, stopped = one_then_other(close, stop)
    else:
        stopped, closed = one_then_other(stop, close)
    return stopped, closed


@pytest.mark.parametrize("how", ["end", "suspend"])
def test_an_account_that_is_being_stopped_closes_nothing_more(how: str) -> None:
    stopped, closed = closes_while_stopped(how, closes_first=False)
    assert isinstance(stopped, BusinessAccount) and isinstance(closed, NeedsBusinessAccount), closed


@pytest.mark.parametrize("how", ["end", "suspend"])
def test_an_account_stops_after_the_closing_that_is_under_way(how: str) -> None:
    stopped, closed = closes_while_stopped(how, closes_first=True)
    assert isinstance(closed, Closing) and isinstance(stopped, BusinessAccount), (stopped, closed)
    at = stopped.ended_at if how == "end" else stopped.suspended_at
    assert at and at > closed.closed_at


@pytest.mark.parametrize("how", ["end", "suspend"])
def test_twin_without_the_shared_account_a_course_is_closed_after_the_stop(
    how: str, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(states, "lock_actor", lambda by: by)
    _stopped, closed = closes_while_stopped(how, closes_first=False)
    assert isinstance(closed, Closing)


def operators_end_each_other() -> list[Any]:
    one, two = make_operator(), make_operator()
    by_one, by_two = acting(one), acting(two)
    return one_then_other(
        lambda: appointments.end(account=two, by=by_one, confirmed=True, reason="改派"),
        lambda: appointments.end(account=one, by=by_two, confirmed=True, reason="改派"),
    )


def test_of_two_operators_who_end_each_other_one_stays() -> None:
    results = operators_end_each_other()
    assert sum(isinstance(result, Refusal) for result in results) == 1, results
    assert BusinessAccount.objects.active().filter(role="operator").count() == 1


def set_up_twice() -> list[Any]:
    def begin(email: str) -> Any:
        return lambda: first_operator.begin(email=email, name="王營運", unit_name="全國教師在職進修資訊網")

    return one_then_other(begin("one@x.example"), begin("two@x.example"))


def test_of_two_setups_of_a_bare_database_the_second_is_refused() -> None:
    assert [type(result) for result in set_up_twice()] == [BusinessAccount, OperatorThere]
    assert BusinessAccount.objects.get().role == "operator"


def test_twin_without_the_queue_the_second_setup_is_not_refused(monkeypatch: Patch) -> None:
    monkeypatch.setattr(first_operator, "queue_first_operator", lambda: None)
    assert not isinstance(set_up_twice()[1], OperatorThere)


def operators_leave() -> list[Any]:
    one, two = make_operator(), make_operator()
    return one_then_other(
        lambda: appointments.end(account=one, by=acting(one), confirmed=True, reason="離職"),
        lambda: appointments.end(account=two, by=acting(two), confirmed=True, reason="離職"),
    )


def test_of_two_operators_who_leave_at_once_one_stays() -> None:
    results = operators_leave()
    assert [type(result) for result in results] == [BusinessAccount, LastOperator], results


def test_twin_without_the_operators_lock_none_stays(monkeypatch: Patch) -> None:
    monkeypatch.setattr(appointments, "lock_operators", lambda: None)
    operators_leave()
    assert not BusinessAccount.objects.active().filter(role="operator").exists()


# A unit closes, or is merged, while one of its people registers a course.


def registered_while(ends: str, *, ends_first: bool) -> tuple[Any, Any, Course]:
    account, office, successor = make_account(), acting(make_officer()), make_unit()
    # The tests that commit empty the lists of codes.
    Stage.objects.get_or_create(code="30", defaults={"name": "國民中學"})
    course = make_course(account, state=CourseState.DRAFT)
    day, hat = clock.today() - timedelta(days=1), acting(account)
    steps = {account.pk: unit_life.Step(successor, (account.user_id, successor.pk))}
    seen = unit_life.mark(account.unit, left_at(account.unit), steps)

    def end() -> Any:
        if ends == "close":
            return unit_life.close(unit=account.unit, last_day=day, successor=None, reason="停辦", by=office)
        return unit_life.dissolve(
            unit=account.unit,
            successors=[successor],
            steps=steps,
            last_day=day,
            reason="裁併",
            seen=seen,
            by=office,
        )

    def register() -> Course:
        return registration.register(course=course, by=hat)

    acts = (end, register) if ends_first else (register, end)
    results = one_then_other(*acts)
    ended, registered = results if ends_first else reversed(results)
    course.refresh_from_db()
    return ended, registered, course


@pytest.mark.parametrize("ends", ["close", "dissolve"])
def test_a_unit_that_is_closing_registers_nothing_more(ends: str) -> None:
    ended, registered, course = registered_while(ends, ends_first=True)
    assert not isinstance(ended, Exception) and isinstance(registered, Refusal), (ended, registered)
    assert course.state == CourseState.DRAFT


@pytest.mark.parametrize("ends", ["close", "dissolve"])
def test_a_unit_does_not_close_over_a_course_that_is_being_registered(ends: str) -> None:
    ended, registered, course = registered_while(ends, ends_first=False)
    assert isinstance(registered, Course) and isinstance(ended, Refusal), (ended, registered)
    assert not Unit.objects.get(pk=course.unit_id).has_closed()


def test_twin_without_the_units_accounts_a_closed_unit_registers(monkeypatch: Patch) -> None:
    monkeypatch.setattr(unit_life, "lock_accounts_of", lambda unit_ids, by: by)
    _ended, registered, course = registered_while("close", ends_first=True)
    assert isinstance(registered, Course) and Unit.objects.get(pk=course.unit_id).has_closed()


# Two people request one e-mail.


def approved_twice() -> list[Any]:
    operator = acting(make_operator())
    asked = [
        identity_changes.request(
            by=teacher(make_user()), new_name=name, new_email="same@x.example", reason="改"
        )
        for name in ("甲", "乙")
    ]
    return one_then_other(
        *[lambda row=row: identity_changes.approve(change=row, by=operator) for row in asked]
    )


def test_of_two_changes_to_one_email_the_second_is_refused() -> None:
    assert [type(result) for result in approved_twice()] == [IdentityChange, EmailTaken]


def test_twin_without_the_guard_the_second_change_is_a_fault(monkeypatch: Patch) -> None:
    class Other(Exception):
        pass

    monkeypatch.setattr(identity_changes, "IntegrityError", Other)
    assert isinstance(approved_twice()[1], IntegrityError)


# Imports.

HEADING = "姓名,身分證字號,電子郵件,學校代碼,職稱,角色\n"
ONE, TWO = "陳怡君,A123456789,a@x.example,{},{},{}\n", "林老師,A800000014,b@x.example,{},{},{}\n"


def files(folder: Path) -> tuple[Path, Path]:
    """The same two people at two units, in opposite order, with other titles."""
    first, second = folder / "a.csv", folder / "b.csv"
    role = "承辦人"
    first.write_text(HEADING + ONE.format("600901", "組長", role) + TWO.format("600902", "組長", role))
    second.write_text(HEADING + TWO.format("600902", "主任", role) + ONE.format("600901", "主任", role))
    return first, second


class Unhurried:
    """Progress without a watcher, in which each piece takes its time."""

    def begin(self, total: int | None) -> None: ...
    def step(self, count: int, refused: int = 0) -> None: ...
    def commit(self) -> None: ...


def imported_at_once(folder: Path, monkeypatch: Patch) -> list[Any]:
    for code in ("600901", "600902"):
        make_unit(code)
    first, second = files(folder)
    imports.import_people(first)
    BusinessAccount.objects.all()._raw_delete("default")
    Affiliation.objects.update(title="")

    class Slow(Unhurried):
        def step(self, count: int, refused: int = 0) -> None:
            time.sleep(0.3 if count else 0)

    monkeypatch.setattr(imports, "CHUNK", 1)
    return at_once([lambda p=path: imports.import_people(p, progress=Slow()) for path in (first, second)])


def test_two_imports_of_the_same_people_and_units_both_finish(tmp_path: Path, monkeypatch: Patch) -> None:
    reports = imported_at_once(tmp_path, monkeypatch)
    assert [getattr(report, "saved", report) for report in reports] == [True, True]
    held = BusinessAccount.objects.values_list("user_id", "unit_id", "role")
    assert len(held) == len(set(held)) == 2


def test_twin_two_imports_that_write_at_once_end_in_a_deadlock(tmp_path: Path, monkeypatch: Patch) -> None:
    monkeypatch.setattr(file_turns, "try_import_queue", lambda: True)
    reports = imported_at_once(tmp_path, monkeypatch)
    assert any(isinstance(report, OperationalError) for report in reports), reports


class Beside(Unhurried):
    """Enrol a person at the import's unit when everything is written and nothing committed."""

    def __init__(self, course: Course, person: User) -> None:
        self.course, self.person = course, person
        self.results: list[Any] = []

    def commit(self) -> None:
        def enrol() -> Enrolment:
            with impatient():
                return enrolments.enrol(code=self.course.code, by=teacher(self.person))

        self.results += at_once([enrol])


def enrolled_beside_an_import(folder: Path) -> list[Any]:
    unit = make_unit("600901")
    make_unit("600902")
    beside = Beside(make_course(make_account(unit)), make_user(unit=unit))
    assert imports.import_people(files(folder)[0], progress=beside).saved
    return beside.results


def test_people_enrol_while_an_import_gives_accounts_at_their_unit(tmp_path: Path) -> None:
    assert [type(result) for result in enrolled_beside_an_import(tmp_path)] == [Enrolment]


def test_twin_units_locked_for_update_keep_their_people_from_enrolling(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    def whole(pks: Any) -> None:
        list(Unit.objects.select_for_update().order_by("pk"))

    monkeypatch.setattr(mass_appointments, "lock_people", whole)
    assert [type(result) for result in enrolled_beside_an_import(tmp_path)] == [OperationalError]


# The stored lights.


def refreshed_while_a_unit_begins(monkeypatch: Patch) -> Any:
    """A light is counted; between its lock and its count another connection writes the light of a new unit."""
    handler = make_account()
    make_course(handler, ago=50)
    count = lights._count_anew

    def slowly(*args: Any, **more: Any) -> Any:
        def begin() -> UnitLight:
            return UnitLight.objects.create(unit=make_unit(), year=clock.this_year(), computed_at=clock.now())

        assert [type(made) for made in at_once([begin])] == [UnitLight]
        return count(*args, **more)

    monkeypatch.setattr(lights, "_count_anew", slowly)
    return lights.refresh()


def test_a_light_written_between_lock_and_count_does_not_stop_the_job(monkeypatch: Patch) -> None:
    assert refreshed_while_a_unit_begins(monkeypatch).yellow == 1


def test_twin_a_count_of_lights_that_nobody_locked_is_a_fault(monkeypatch: Patch) -> None:
    """Without the look at what was locked: each counted light is taken for a locked one."""

    class Strict(dict[int, Any]):
        def __contains__(self, unit: object) -> bool:
            return True

    locked = lights._locked
    monkeypatch.setattr(lights, "_locked", lambda *args: Strict(locked(*args)))
    with pytest.raises(KeyError):
        refreshed_while_a_unit_begins(monkeypatch)
