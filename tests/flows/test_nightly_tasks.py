"""Tasks that go over many things: one that fails keeps no other from its turn, and the task fails at the end, so that it is seen."""

import logging
from collections.abc import Callable
from datetime import timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from accounts.actions import inactive_accounts
from accounts.models import Unit
from audit import retention, seal
from audit.models import EventKind
from courses import tasks as course_tasks
from courses.actions import audiences, leavers, lights, unit_life
from files import actions as files
from files.models import StoredFile
from jobs import runner
from jobs.models import Job
from kit import clock
from kit.one_by_one import one_by_one
from kit.schedule import SCHEDULE
from signin import tasks as log_in_tasks
from signin.actions import throttles
from tests.factories import make_account, make_join_request, make_unit, make_user

pytestmark = pytest.mark.django_db
PAST = timedelta(days=3)


def two_accounts(_patch: pytest.MonkeyPatch) -> None:
    make_account()
    make_account()


def two_courses(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(audiences, "due_courses", lambda _at: [SimpleNamespace(pk=1), SimpleNamespace(pk=2)])


def two_courses_with_leavers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(leavers, "courses_with_leavers", lambda _at: [1, 2])


def two_closed_units(_patch: pytest.MonkeyPatch) -> None:
    for number in range(2):
        make_join_request(make_unit(), id_hash=f"{number:064d}")
    Unit.objects.update(until=clock.today() - PAST)


def two_files(_patch: pytest.MonkeyPatch) -> None:
    person, now = make_user(), clock.now()
    for number in range(2):
        StoredFile.objects.create(
            kind="jobs",
            owner=person,
            key=str(number),
            path=f"jobs/{number}",
            name="a.csv",
            size=1,
            created_at=now - PAST,
            keep_until=now - PAST,
        )


def jobs(**more: Any) -> None:
    person, then = make_user(), clock.now() - PAST
    for number in range(2):
        Job.objects.create(
            kind="own_data",
            owner=person,
            language="zh-hant",
            fingerprint=str(number),
            created_at=then,
            sent_at=then,
            **more,
        )


def two_jobs_that_are_over(_patch: pytest.MonkeyPatch) -> None:
    jobs(state="done", finished_at=clock.now() - PAST)


def two_jobs_that_wait(_patch: pytest.MonkeyPatch) -> None:
    jobs()


def nothing(_patch: pytest.MonkeyPatch) -> None:
    assert len(EventKind) > 1


# Where each task gives the things their turn: its loop, the function of one turn, and a state with at least two.
State = Callable[[pytest.MonkeyPatch], None]
LOOPS: dict[str, tuple[Callable[[], Any], ModuleType, str, State]] = {
    "accounts.tasks.watch_accounts": (inactive_accounts.suspend_and_end, inactive_accounts, "_look_at", two_accounts),
    "audit.tasks.seal_record": (seal.seal_all, seal, "_seal_chain", nothing),
    "audit.tasks.apply_retention": (retention.apply_retention, retention, "_outlived", nothing),
    "courses.tasks.refresh_lights": (course_tasks.refresh_lights, lights, "refresh", nothing),
    "courses.tasks.release_places": (audiences.release_due, audiences, "_release", two_courses),
    "courses.tasks.end_requests_at_closed_units": (
        unit_life.end_requests_each_night, unit_life, "_end_requests_of", two_closed_units
    ),
    "courses.tasks.cancel_enrolments_of_leavers": (
        leavers.cancel_each_night, leavers, "_cancel_of_leavers", two_courses_with_leavers
    ),
    "files.tasks.expire": (files.expire, files, "delete", two_files),
    "jobs.tasks.expire": (runner.expire, runner, "_expire", two_jobs_that_are_over),
    "jobs.tasks.sweep": (runner.sweep, runner, "_send_again", two_jobs_that_wait),
}  # fmt: skip
# Each with its own test, or without a loop: one statement, which is all or nothing.
OTHERS = {
    "api.tasks.forget_idempotency_keys": "one statement",
    "courses.tasks.delete_old_answers": "one statement",
    "courses.tasks.count_catalogue": "one count",
    "courses.tasks.watch_calendar": "one batch of notices",
    "hours.tasks.tidy_drafts": "two statements, the second of which needs the first as little as the next night",
    "notices.tasks.drain_outbox": "tests/notices: a mail that fails is marked and counted",
    "notices.tasks.prepare_timed": "tests/notices: a kind that fails keeps no other from being prepared",
    "notices.tasks.forget_old_mail": "one statement",
    "privacy.tasks.apply_retention": "tests/privacy/test_retention.py",
    "signin.tasks.tidy_log_ins": "below",
    "webhooks.tasks.send_waiting": "tests/webhooks: a message that fails is tried again later",
    "webhooks.tasks.pause_left": "tests/webhooks/test_webhooks.py",
    "webhooks.tasks.forget_old": "one statement",
}


def test_each_scheduled_task_is_looked_at() -> None:
    tasks = {entry.task for entry in SCHEDULE.values()}
    assert tasks == LOOPS.keys() | OTHERS.keys()


@pytest.mark.parametrize("task", LOOPS)
def test_one_that_fails_keeps_no_other_from_its_turn(
    task: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run, module, turn, state = LOOPS[task]
    state(monkeypatch)
    turns: list[Any] = []

    def fails_first(*args: Any, **kwargs: Any) -> Any:
        turns.append(args or kwargs)
        if len(turns) == 1:
            raise RuntimeError("broken")
        return Done(0)

    monkeypatch.setattr(module, turn, fails_first)
    with caplog.at_level(logging.ERROR), pytest.raises(ExceptionGroup) as raised:
        run()
    assert len(turns) >= 2
    (error,) = raised.value.exceptions
    assert isinstance(error, RuntimeError) and error.__notes__
    assert any(error.__notes__[0] in record.getMessage() for record in caplog.records)


class Done(int):
    """What a turn returns: a number, a summary, or no rows at all."""

    def as_dict(self) -> dict[str, int]:
        return {}

    def __iter__(self) -> Any:
        return iter(())


def test_old_sessions_go_though_old_counters_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(throttles, "forget_old", lambda: 1 // 0)
    monkeypatch.setattr(log_in_tasks, "call_command", called.append)
    with pytest.raises(ExceptionGroup):
        log_in_tasks.tidy_log_ins()
    assert called == ["clearsessions"]


def test_nothing_is_raised_where_nothing_fails() -> None:
    with one_by_one(logging.getLogger(__name__), "failed") as turn, turn("one"):
        pass
