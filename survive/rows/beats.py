"""Row 13: a day with two beats and three workers, compared with a day in which each slot of the schedule was run once."""

import os
import sys
import time
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

import time_machine
from celery.schedules import crontab
from django.core.management import call_command
from django.test.utils import override_settings
from django.utils.module_loading import import_string

from jobs import runner
from jobs.enums import JobState
from jobs.models import Job
from kit import clock
from kit.holidays import workday_from
from kit.schedule import SCHEDULE, Cron
from survive.processes import processes
from survive.row import Result, row
from survive.rows import tasks
from survive.stack import Stack

BASE, HURRIED = "survive_day", "survive_day_hurried"
MINUTE = timedelta(minutes=1)
# Attempts at a webhook whose partner is away follow the first one by fixed pauses: how many the day holds depends on its moment.
LADDER = ("Delivery.attempts", "Delivery.last_error")
# Seconds in which five processes of Celery start on a busy machine, before the day begins.
STARTING = 30


@row(
    "13",
    "two beats, three workers, 24 simulated hours",
    "each slot once",
    full={"beats": 2, "workers": 3, "hours": 24, "speed": 240},
    short=None,
)
def a_day(stack: Stack, beats: int, workers: int, hours: int, speed: int) -> Result:
    result, day = Result(), first_moment()
    dummy = override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend")
    with dummy, stack.another_database(BASE):
        with time_machine.travel(day, tick=True), open(os.devnull, "w") as nowhere:
            call_command("load_demo", stdout=nowhere)
            # On a clock that is so fast, work of a second seems long and is announced.
            _do_jobs()
        with stack.another_database(f"{BASE}_once", BASE):
            each_once(day, hours)
            once = tasks.snapshot(LADDER)
        with stack.another_database(HURRIED, BASE):
            runs = hurried(stack, day, hours, speed, beats, workers)
            many = tasks.snapshot(LADDER)
    tasks.judge(result, f"{beats} beats, {workers} workers", once, many)
    result.tries = judge_slots(result, day, hours, runs)
    result.text = f"{hours} h in {hours * 3600 / speed:.0f} s: {sum(map(len, runs.values()))} runs of {result.tries} slots"
    return result


def first_moment() -> datetime:
    """Return midnight of the next working day in Taipei."""
    return clock.at_taipei(workday_from(clock.today() + timedelta(days=1)))


def slots(day: datetime, hours: int) -> dict[str, list[datetime]]:
    """Return the moments of each task that the schedule names by the clock, in so many hours."""
    found: dict[str, list[datetime]] = defaultdict(list)
    for entry in SCHEDULE.values():
        if isinstance(entry.when, Cron):
            cron = crontab(minute=entry.when.minute, hour=entry.when.hour)
            # Beat starts with the day, and is not late for its first moment.
            for number in range(1, hours * 60):
                moment = day + number * MINUTE
                if moment.minute in cron.minute and moment.hour in cron.hour:
                    found[entry.task].append(moment)
    return found


def each_once(day: datetime, hours: int) -> None:
    """Run each slot once, in order; what the schedule repeats by seconds is run every ten minutes."""
    wanted = [(moment, task) for task, moments in slots(day, hours).items() for moment in moments]
    often = [entry.task for entry in SCHEDULE.values() if not isinstance(entry.when, Cron)]
    wanted += [
        (day + number * 10 * MINUTE + MINUTE / 2, task) for number in range(hours * 6) for task in often
    ]
    for moment, task in sorted(wanted):
        with time_machine.travel(moment, tick=True):
            import_string(task)()
            _do_jobs()


def _do_jobs() -> None:
    for job in Job.objects.filter(state=JobState.WAITING):
        runner.run(job.pk)


def hurried(
    stack: Stack, day: datetime, hours: int, speed: int, beats: int, workers: int
) -> dict[str, list[datetime]]:
    """Run real beats and workers on the copy; return the moments at which each task was done."""
    path = stack.folder / "runs"
    facts = {
        "SURVIVE_SINCE": str(time.time() + STARTING),
        "SURVIVE_DAY": str(day.timestamp()),
        "SURVIVE_SPEED": str(speed),
    }
    environment = stack.environment(HURRIED) | facts | {
        "SURVIVE_RUNS": str(path),
        # Queues of their own, apart from the site's.
        "REDIS_URL": stack.redis.url.replace("/0", "/3"),
        "OUTBOX_EVERY": "60",
    }  # fmt: skip
    celery = [sys.executable, "-m", "survive.hurry", "celery", "-A", "inservice"]
    worker = [
        *celery,
        "worker",
        "-P",
        "solo",
        "-l",
        "warning",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    ]
    commands = [[*worker, "-n", f"w{number}@survive"] for number in range(workers)]
    for number in range(beats):
        commands.append([*celery, "beat", "-l", "warning", "-s", str(stack.folder / f"beat{number}")])
    with processes(commands, environment, stack.folder / "day.log", stack.guard):
        # The tasks of the last minutes get five seconds to end.
        time.sleep(STARTING + hours * 3600 / speed + 5)
    return read_runs(path)


def read_runs(path: Path) -> dict[str, list[datetime]]:
    found: dict[str, list[datetime]] = defaultdict(list)
    for line in path.read_text().splitlines() if path.exists() else ():
        moment, task = line.split()
        found[task].append(datetime.fromtimestamp(int(moment), clock.TAIPEI))
    return found


def judge_slots(result: Result, day: datetime, hours: int, runs: dict[str, list[datetime]]) -> int:
    """Each slot was run before its successor was due; return how many there are."""
    number, end = 0, day + timedelta(hours=hours)
    for task, moments in slots(day, hours).items():
        number += len(moments)
        for moment, following in zip(moments, [*moments[1:], end], strict=True):
            done = any(moment - MINUTE <= one < following + MINUTE for one in runs.get(task, ()))
            result.expect(done, f"{task} of {moment:%H:%M} was not run")
    return number
