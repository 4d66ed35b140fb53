"""Long work pauses between its statements; short work, and work for which somebody waits, does not."""

from typing import Any

import pytest
from django.db import connection
from django.utils.translation import gettext_lazy

from accounts.jobs import PEOPLE, ROSTER, UNIT_LIST, UNITS
from hours.jobs import CERTIFICATES, COUNTY_RECORDS
from jobs import actions, pacing, registry, runner
from jobs.progress import Work
from tests.factories import make_user, teacher

pytestmark = pytest.mark.django_db


class Clock:
    """A clock that only moves when somebody works or sleeps."""

    def __init__(self) -> None:
        self.now, self.pauses = 1000.0, list[float]()

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(round(seconds, 3))
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(pacing, "time", found)
    return found


def work(clock: Clock, *seconds: float) -> None:
    """Work for so long before each of some statements."""
    for one in seconds:
        clock.now += one
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")


def test_the_first_five_seconds_have_no_pause(clock: Clock, settings: Any) -> None:
    settings.JOB_PAUSE = 2
    with pacing.with_pauses():
        work(clock, *[0.49] * 10)
    assert clock.pauses == []


def test_after_them_each_pause_takes_so_many_times_as_long_as_the_work_since_the_last(
    clock: Clock, settings: Any
) -> None:
    settings.JOB_PAUSE = 2
    with pacing.with_pauses():
        work(clock, 4.9, 0.3, 0.1, 0.2, 0.25)
    # 0.3: the first statement after five seconds. 0.1 is too little for a pause and counts with what follows.
    assert clock.pauses == [0.6, 0.6, 0.5]


def test_no_pause_is_longer_than_two_seconds(clock: Clock, settings: Any) -> None:
    settings.JOB_PAUSE = 2
    with pacing.with_pauses():
        work(clock, 5, 60)
    assert max(clock.pauses) == 2


def test_without_the_setting_nothing_pauses(clock: Clock, settings: Any) -> None:
    settings.JOB_PAUSE = 0
    with pacing.with_pauses():
        work(clock, 6, 6, 6)
    assert clock.pauses == []


def test_nothing_pauses_after_the_work_is_done(clock: Clock, settings: Any) -> None:
    settings.JOB_PAUSE = 2
    before = list(connection.execute_wrappers)
    with pytest.raises(LookupError), pacing.with_pauses():
        raise LookupError
    assert connection.execute_wrappers == before


@pytest.mark.parametrize("pauses", [True, False])
def test_only_work_that_may_wait_pauses(pauses: bool, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.JOB_PAUSE = 2
    found = []

    def look(work: Work) -> str:
        found.append(any(isinstance(wrapper, pacing.Pace) for wrapper in connection.execute_wrappers))
        return ""

    monkeypatch.setattr(registry, "_job_kinds", {})
    registry.job_kind("test", gettext_lazy("import of units"), pauses=pauses)(look)
    assert runner.run(actions.start("test", by=teacher(make_user())).pk)
    assert found == [pauses]


def test_the_files_of_a_county_pause_and_the_certificates_of_a_course_do_not() -> None:
    assert all(registry.known(name).pauses for name in (UNITS, PEOPLE, ROSTER, UNIT_LIST, COUNTY_RECORDS))
    assert not registry.known(CERTIFICATES).pauses
