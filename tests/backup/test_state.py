"""The operator sees the last backup and the last drill, and is reminded of a drill once a month."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from backup import drill_reminder, runs, timed
from backup.enums import RunKind
from backup.models import Run
from checks import safekeeping
from checks.findings import State
from kit import clock
from notices.models import Notice
from notices.outdated import settle
from notices.timed import prepare_due
from tests.factories import make_operator

pytestmark = pytest.mark.django_db


def backed_up(hours: float = 1, **facts: Any) -> Run:
    at = clock.now() - timedelta(hours=hours)
    named = {"name": "inservice-20261124T010000Z.tar.gpg", **facts}
    with time_machine.travel(at, tick=False):
        return runs.record(RunKind.BACKUP, began_at=at, **named)


@pytest.mark.parametrize(
    ("hours", "facts", "state"),
    [
        (1, {}, State.WELL),
        (27, {}, State.WARN),
        (80, {}, State.BAD),
        (1, {"error": "disk full"}, State.WARN),
        (1, {"facts": {"missing": ["papers/x"]}}, State.WARN),
        (1, {"name": "inservice-20261124T010000Z.tar"}, State.WARN),
    ],
)
def test_the_last_good_backup_is_judged(hours: float, facts: dict[str, Any], state: State) -> None:
    assert safekeeping.last_backup().state == State.WARN
    backed_up(hours, **facts)
    assert safekeeping.last_backup().state == state


def test_the_drill_is_missed_after_five_weeks_and_its_reminder_is_outdated_by_one() -> None:
    first = date(2026, 12, 1)
    operator = make_operator(valid_from=date(2025, 8, 1))
    with time_machine.travel(clock.at_taipei(first) + timedelta(hours=timed.HOUR), tick=False):
        assert safekeeping.restore_drill().state == State.WARN
        assert prepare_due()[drill_reminder.KIND] == 1
        notice = Notice.objects.get(kind=drill_reminder.KIND)
        assert notice.recipient_id == operator.user_id and settle([notice]) == set()
        runs.record(RunKind.DRILL, began_at=clock.now(), error="2 differences")
        assert settle([notice]) == set()
        runs.record(RunKind.DRILL, began_at=clock.now())
        assert settle([notice]) == {notice.pk} and safekeeping.restore_drill().state == State.WELL
        assert not drill_reminder.batch(first, 0).notices
    assert drill_reminder.is_due(date(2027, 1, 4)) and not drill_reminder.is_due(date(2027, 1, 5))
    with time_machine.travel(clock.at_taipei(date(2027, 1, 6)), tick=False):
        assert safekeeping.restore_drill().state == State.WARN
