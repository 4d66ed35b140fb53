"""Each row of `script/survive` sees the loss, the double or the leak that is planted here."""

import time
from collections import Counter
from dataclasses import asdict
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model

from courses.enums import EnrolmentState
from hours.models import Attendance
from kit import clock
from notices.models import Notice
from survive import open_loop, rows, scenes
from survive.clients import BROKEN, Ask, Line, Load, Reply
from survive.instants import TABLE
from survive.open_loop import Measured
from survive.row import Result, in_order
from tests.factories import close, make_course, make_enrolment, make_user

rows.load()
from survive.rows import (  # noqa: E402 - they register themselves when they are loaded
    beats,
    closing,
    database,
    disaster,
    histories,
    instants,
    morning,
    races,
    rights,
    seats,
    sign_in,
    tasks,
    web_kills,
    worker_kills,
)

FULL, TAKEN = Reply(409, '{"code": "CourseFull"}'), Reply(201)


def test_every_row_of_the_table_is_there() -> None:
    numbers = [row.number for row in in_order()]
    assert numbers == [*map(str, range(1, 15)), "14.10", "15", "16"]
    assert all(row.figure and row.name for row in in_order())
    assert all(set(row.short or {}) <= set(row.full) for row in in_order())


def test_a_row_that_tried_nothing_or_was_not_run_does_not_hold() -> None:
    assert Result(tries=1).ok
    assert not Result().ok and not Result(tries=1, ran=False).ok and not Result(tries=1, faults=["x"]).ok


@pytest.mark.django_db
def test_a_place_too_many_and_an_unclear_refusal_are_seen() -> None:
    course = make_course(capacity=3)
    for _ in range(2):
        make_enrolment(course)
    good, oversold, unclear = Result(), Result(), Result()
    seats.judge(good, course, 2, [TAKEN, TAKEN, FULL])
    make_enrolment(course)
    seats.judge(oversold, course, 2, [TAKEN, TAKEN, FULL])
    seats.judge(unclear, course, 3, [TAKEN, TAKEN, TAKEN, Reply(500)])
    assert not good.faults and good.tries == 3
    assert oversold.faults == ["places held: 3, not 2"]
    assert unclear.faults and "500" in unclear.faults[0]


@pytest.mark.django_db
def test_hours_issued_twice_or_for_too_few_are_seen() -> None:
    course = make_course(ago=2)
    people = [make_enrolment(course) for _ in range(2)]
    close(course)
    same = [Reply(200, "a"), Reply(200, "a")]
    good, other, fewer = Result(), Result(), Result()
    closing.judge_same(good, course, people, same)
    closing.judge_same(other, course, people, [Reply(200, "a"), Reply(200, "b")])
    closing.judge_same(fewer, course, [*people, people[0]], same)
    assert not good.faults
    assert other.faults == ["different replies to the same close: 2, not 1"]
    assert "credits: 2, not 3" in fewer.faults and "notices of the hours: 2, not 3" in fewer.faults


def test_a_half_state_and_a_lost_acknowledgement_are_seen() -> None:
    assert web_kills.whole(True, True) == "all" and web_kills.whole(False, False) == "nothing"
    states = {"half: x": Reply(BROKEN), "nothing": Reply(200), "all": Reply(500)}
    for state, reply in states.items():
        result = Result()
        web_kills.judge(result, "close at 3", reply, state)
        assert len(result.faults) == 1, state
    result = Result()
    web_kills.judge(result, "close at 3", Reply(BROKEN), "nothing")
    assert not result.faults


def test_the_points_of_a_kill_are_spread_from_the_first_statement_to_the_response() -> None:
    points = [web_kills.point_of(number, 26) for number in range(web_kills.POINTS)]
    assert points == ["1", "6", "11", "16", "21", "26", "committed", "sent"]


@pytest.mark.django_db
def test_a_notice_that_never_came_or_is_not_recorded_is_seen() -> None:
    first, second = worker_kills.write_notices([make_user(), make_user()])
    Notice.objects.filter(pk=first.pk).update(mailed_at=clock.now())
    received = Counter({worker_kills.message_id(first): 2})
    result = Result()
    worker_kills.judge_notices(result, [first, second], received)
    assert result.faults == [f"notice {second.pk} is not recorded as sent", f"notice {second.pk} never came"]


def test_an_acknowledged_enrolment_that_is_gone_and_a_status_500_are_seen() -> None:
    assert database.missing([(1, 2), (3, 4)], {(1, 2)}) == ["acknowledged and lost: course 3, person 4"]
    load, result = Load(0, []), Result()
    for number, status in enumerate((201, 503, 500, BROKEN, 409, 409)):
        load._note(number, Reply(status))
    load.repeated.add(5)
    database.judge(result, load, [])
    assert len(result.faults) == 3, "500, a broken connection, and a refusal of what was asked once"
    away = database.seconds_away(
        [Reply(201, began=1), Reply(503, began=5, seconds=1), Reply(503, began=9, seconds=1)], 4
    )
    assert away == 5


@pytest.mark.django_db
def test_a_person_without_a_sign_is_seen() -> None:
    session = scenes.running_session(make_course())
    there, gone = make_user(), make_user()
    facts = {"at": clock.now(), "recorded_at": clock.now(), "recorded_by": there, "way": "scan", "kind": "in"}
    Attendance.objects.create(session=session, user=there, **facts)
    result = Result()
    sign_in.judge(result, session, [there, gone])
    assert f"person {gone.pk} is recorded 0 times" in result.faults and len(result.faults) == 2


@pytest.mark.django_db
def test_a_task_that_does_its_work_twice_is_seen() -> None:
    before = tasks.snapshot()
    get_user_model().objects.create(email="twice@x.example", name="甲")
    once = tasks.snapshot()
    get_user_model().objects.create(email="other@x.example", name="甲")
    same, more, less = Result(), Result(), Result()
    tasks.judge(same, "t", once, once)
    tasks.judge(more, "t", once, tasks.snapshot())
    tasks.judge(less, "t", once, before)
    assert not same.faults and same.tries == 1
    assert "1 rows of User more" in more.faults[0] and "1 rows of User less" in less.faults[0]


def test_a_row_that_a_restore_lost_or_made_up_is_seen() -> None:
    before, after = {"t": Counter(["a", "b"])}, {"t": Counter(["a", "c"])}
    result = Result()
    disaster.compare(result, before, after)
    assert result.faults == ["1 rows of t lost, as b", "1 rows of t that were not there, as c"]


def test_bytes_are_compared_by_what_they_are() -> None:
    assert disaster.words_of([1, memoryview(b"ab")]) == disaster.words_of([1, b"ab"]) == "(1, b'ab')"
    assert disaster.words_of([1, memoryview(b"ab")]) != disaster.words_of([1, memoryview(b"ac")])


def test_a_slot_that_was_left_out_is_seen() -> None:
    day = beats.first_moment()
    wanted = beats.slots(day, 24)
    runs = {task: [moment + timedelta(seconds=20) for moment in moments] for task, moments in wanted.items()}
    good, missed = Result(), Result()
    number = beats.judge_slots(good, day, 24, runs)
    del runs["accounts.tasks.watch_accounts"]
    beats.judge_slots(missed, day, 24, runs)
    assert not good.faults and number > 300
    assert missed.faults == ["accounts.tasks.watch_accounts of 00:15 was not run"]


def test_a_day_that_is_another_one_is_seen() -> None:
    wrong = [TABLE[0]._replace(year=1), *TABLE[1:]]
    good, bad = Result(), Result()
    instants.judge(good, "UTC", TABLE)
    instants.judge(bad, "UTC", wrong)
    assert not good.faults and good.tries >= 40 and len(bad.faults) == 1


def test_a_fault_at_any_rate_and_in_any_race_is_seen() -> None:
    loop = Result()
    morning.judge(loop, Measured(80, [0.1], {"200": 5, "500": 1}))
    assert loop.tries == 6 and loop.faults == ["80/s: 1 × status 500"]
    for status in (BROKEN, 500, 503):
        race = Result()
        races.judge(race, "gate", Reply(status))
        assert race.faults
    refused = Result()
    races.judge(refused, "gate", Reply(409))
    assert not refused.faults


def test_a_site_that_falls_behind_is_late_and_not_left_running_for_hours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Slow(Line):
        def send(self, ask: Ask) -> Reply:
            time.sleep(0.05)
            return Reply(200)

    monkeypatch.setattr(open_loop, "Line", Slow)
    monkeypatch.setattr(open_loop, "WIDTH", 1)
    monkeypatch.setattr(open_loop, "GIVEN_UP_AFTER", 0.1)
    order = {"port": 1, "rate": 500, "seconds": 0.2, "asks": [asdict(Ask("/"))]}
    found = Measured(**open_loop.send(order))
    assert found.statuses[open_loop.LATE] > 50 and len(found.seconds) == 100 and found.ms(0.95) >= 100
    loop = Result()
    morning.judge(loop, found)
    assert loop.tries == found.statuses["200"] and not loop.faults


def test_an_open_door_is_seen() -> None:
    cell = rights.Cell("teacher", "courses:unit_home", "none", "GET", "/unit/")
    shut, opened = Result(), Result()
    rights.judge(shut, cell, Reply(403))
    rights.judge(opened, cell, Reply(200))
    assert not shut.faults and opened.faults


@pytest.mark.django_db
def test_a_seat_counted_wrong_is_seen() -> None:
    assert histories.twin()
    before = scenes.Invariants()
    course = make_course(capacity=5)
    make_enrolment(course, state=EnrolmentState.ADMITTED)
    type(course).objects.filter(pk=course.pk).update(seats_taken=2)
    result = Result()
    before.judge(result)
    assert len(result.faults) == 1
