"""Time-driven notices: prepared once a day from their hour on, in batches, never in the quiet hours or on a day off."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import pytest
import time_machine

from accounts.queries.days_off import forget_days, known_days
from checks import service
from checks.findings import State
from kit import clock
from notices import outbox, timed
from notices.enums import Category, Timing
from notices.models import Notice, TimedRun
from notices.registry import KINDS, NoticeKind
from notices.timed import Batch, Timed
from notices.writer import NewNotice
from tests.factories import make_user

pytestmark = pytest.mark.django_db
# A Friday, the Saturday after it, and the Monday.
FRIDAY, SATURDAY, MONDAY = date(2026, 11, 27), date(2026, 11, 28), date(2026, 11, 30)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return clock.at_taipei(day, time(hour, minute))


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A kind of the test alone, with five people in batches of two."""
    people = [make_user() for _ in range(5)]
    asked: list[int] = []

    def batch(day: date, cursor: int) -> Batch:
        asked.append(cursor)
        rows = [person for person in people if person.pk > cursor][:2]
        notices = [
            NewNotice("light_green", person, "test", day, context={"unit": "u", "year": 115})
            for person in rows
        ]
        return Batch(notices, rows[-1].pk if len(rows) == 2 else None)

    monkeypatch.setattr(timed, "TIMED", {"light_green": Timed(lambda day: 8, batch)})
    set_timing(monkeypatch, Timing.WORKDAY)
    yield asked


def set_timing(monkeypatch: pytest.MonkeyPatch, timing: Timing) -> None:
    rows = dict(KINDS) | {
        "light_green": NoticeKind(Category.LIGHTS, "", KINDS["light_green"].samples, timing=timing)
    }
    monkeypatch.setattr("notices.timed.KINDS", rows)
    monkeypatch.setattr("notices.quiet_hours.KINDS", rows)


def test_a_kind_is_prepared_from_its_hour_on_in_batches_and_once(kind: Any) -> None:
    assert timed.prepare_due(at(FRIDAY, 7, 59)) == {}
    assert timed.prepare_due(at(FRIDAY, 8)) == {"light_green": 5}
    assert len(kind) == 3 and kind[0] == 0
    assert timed.prepare_due(at(FRIDAY, 8, 5)) == {}
    run = TimedRun.objects.get()
    assert (run.told, run.done_at is not None, Notice.objects.count()) == (5, True, 5)
    assert timed.was_prepared("light_green", FRIDAY) and not timed.was_prepared("light_green", MONDAY)


def test_a_batch_reads_the_days_off_once(monkeypatch: pytest.MonkeyPatch) -> None:
    known = []

    def batch(day: date, cursor: int) -> Batch:
        known.extend([known_days(), known_days()])
        return Batch([])

    monkeypatch.setattr(timed, "TIMED", {"light_green": Timed(lambda day: 8, batch)})
    timed.prepare_due(at(FRIDAY, 8))
    forget_days()
    known.append(known_days())
    assert known[0] is known[1] and known[1] is not known[2]


def test_a_run_that_was_killed_goes_on_where_it_was(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    written = timed.write_rows
    monkeypatch.setattr(timed, "write_rows", lambda notices: written(notices) if len(kind) < 2 else 1 / 0)
    with pytest.RaisesGroup(ZeroDivisionError):
        timed.prepare_due(at(FRIDAY, 8))
    assert Notice.objects.count() == 2 and TimedRun.objects.get().done_at is None
    monkeypatch.setattr(timed, "write_rows", written)
    assert timed.prepare_due(at(FRIDAY, 8, 5)) == {"light_green": 3}
    assert kind[2] != 0 and Notice.objects.count() == 5


@pytest.mark.parametrize("part", ["hour", "is_due", "batch"])
def test_a_kind_that_fails_keeps_no_other_from_being_prepared(
    kind: Any, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """It is raised at the end, is shown to the operator until it is prepared, and is tried again."""
    sound = timed.TIMED["light_green"]
    broken = replace(sound, **{part: lambda *_: 1 / 0})
    monkeypatch.setattr(timed, "TIMED", {"unit_week": broken, "light_green": sound})
    with time_machine.travel(at(MONDAY, 8)), pytest.RaisesGroup(ZeroDivisionError):
        timed.prepare_due()
    assert Notice.objects.count() == 5 and timed.was_prepared("light_green", MONDAY)
    with time_machine.travel(at(MONDAY, 9)):
        assert [(run.kind, run.error) for run in timed.failed_runs(MONDAY)] == [
            ("unit_week", "ZeroDivisionError")
        ]
        found = service.timed_notices()
        assert found.state == State.BAD and "unit_week 2026-11-30 (ZeroDivisionError)" in found.text
        monkeypatch.setattr(timed, "TIMED", {"unit_week": replace(sound, batch=lambda *_: Batch([]))})
        assert timed.prepare_due() == {"unit_week": 0}
        assert service.timed_notices().state == State.WELL


def test_a_worker_beside_writes_nothing_twice(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    written = timed.write_rows

    def and_another_worker(notices: Any) -> int:
        monkeypatch.setattr(timed, "write_rows", written)
        timed.prepare_due(at(FRIDAY, 8))
        return written(notices)

    monkeypatch.setattr(timed, "write_rows", and_another_worker)
    timed.prepare_due(at(FRIDAY, 8))
    assert Notice.objects.count() == 5 and TimedRun.objects.get().told == 5


@pytest.mark.parametrize(
    "moment", [at(FRIDAY, 20), at(FRIDAY, 23), at(SATURDAY, 9), at(date(2026, 12, 25), 9)]
)
def test_nothing_is_prepared_in_the_quiet_hours_or_on_a_day_off(kind: Any, moment: datetime) -> None:
    assert timed.prepare_due(moment) == {} and not TimedRun.objects.exists()


def test_a_day_before_notice_is_prepared_on_a_saturday_too(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_timing(monkeypatch, Timing.ANY_DAY)
    assert timed.prepare_due(at(SATURDAY, 21)) == {}
    assert timed.prepare_due(at(SATURDAY, 9)) == {"light_green": 5}


def test_mail_that_waited_rests_until_the_morning(kind: Any, mailoutbox: list[Any]) -> None:
    """The mail server was away all day: what is time-driven leaves on the next working day, an act's notice at once."""
    timed.prepare_due(at(FRIDAY, 8))
    outbox.write([NewNotice("identity_refused", make_user(), "x", context={"reason": "r"}, event=1)])
    with time_machine.travel(at(FRIDAY, 20, 30)):
        assert outbox.drain_all() == {"sent": 1, "failed": 0}
    with time_machine.travel(at(SATURDAY, 10)):
        assert outbox.drain_all() == {"sent": 0, "failed": 0}
    with time_machine.travel(at(MONDAY, 7)):
        assert outbox.drain_all() == {"sent": 5, "failed": 0}
