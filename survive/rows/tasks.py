"""Row 8: every task is run once, twice, three times and three times at once, each from the same database, and ends in the same state."""

import re
from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime, time, timedelta
from typing import Any

import time_machine
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.test.utils import override_settings
from django.utils.module_loading import import_string

from hours.jobs import UNIT_RECORDS
from jobs import actions
from jobs.models import Job
from kit import clock
from kit.holidays import workday_from
from kit.schedule import SCHEDULE
from survive.row import Result, row
from survive.stack import Stack
from tests.concurrency import race
from tests.factories import acting, make_lead

BASE = "survive_tasks"
# Beside keys and moments: what is drawn by lot, and what follows from keys.
LEFT_OUT = {
    "object_id",
    "event_id",
    "proof",
    "block",
    "request_id",
    "result_file",
    "path",
    "fingerprint",
    "link",
}
NOT_COMPARED = {"AuditSeal", "AuditChain", "Session", "ContentType", "Permission", "StoredFile"}
# The key of a notice names the row of the record, whose number depends on who was first, or a moment.
EVENT = re.compile(r":event:[^']*")
Rows = dict[str, Counter[str]]
Task = Callable[[], Any]


def tasks() -> dict[str, Task]:
    """Every scheduled task, and the work of a job."""
    found: dict[str, Task] = {e.task: import_string(e.task) for e in SCHEDULE.values()}
    run = import_string("jobs.tasks.run")
    return dict(sorted(found.items())) | {"jobs.tasks.run": lambda: [run(pk) for pk in waiting_jobs()]}


def waiting_jobs() -> list[int]:
    return list(Job.objects.filter(kind=UNIT_RECORDS).order_by("pk").values_list("pk", flat=True))


@row(
    "8",
    "every task 1, 2, 3 times and in parallel",
    "same end",
    full={"parallel": 3, "only": ""},
    short=None,
)
def repeated(stack: Stack, parallel: int, only: str) -> Result:
    result = Result()
    mail = override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend")
    with mail, time_machine.travel(a_working_morning(), tick=True), stack.another_database(BASE):
        _build()
        chosen = {name: task for name, task in tasks().items() if only in name}
        for name, task in chosen.items():
            once = after(stack, task, 1)
            for times in (2, 3):
                judge(result, f"{name}, {times} times", once, after(stack, task, times))
            judge(result, f"{name}, {parallel} at once", once, after(stack, task, parallel, at_once=True))
    result.text = f"{len(chosen)} tasks"
    return result


def a_working_morning() -> datetime:
    """Return half past ten of the next working day, when time-driven notices leave."""
    return clock.at_taipei(workday_from(clock.today() + timedelta(days=1)), time(10, 30))


def _build() -> None:
    """The demonstration, with work that waits."""
    with open("/dev/null", "w") as nowhere:
        call_command("load_demo", stdout=nowhere)
    actions.start(
        UNIT_RECORDS, by=acting(make_lead()), parameters={"year": 115, "period": "year", "format": "csv"}
    )


def after(stack: Stack, task: Task, times: int, *, at_once: bool = False) -> Rows:
    """Return all rows as a task leaves them that is run so many times, one after another or all at once."""
    with stack.another_database(f"{BASE}_copy", BASE):
        if at_once:
            raise_first(race.at_once([task] * times))
        else:
            for _ in range(times):
                task()
        return snapshot()


def snapshot(left_out: Collection[str] = ()) -> Rows:
    """Return the rows of every table, without keys, moments and what is drawn by lot. `left_out` names further columns, as `Delivery.attempts`."""
    found: Rows = {}
    for model in apps.get_models(include_auto_created=True):
        if model.__name__ in NOT_COMPARED or not model._meta.managed:
            continue
        names = [
            field.attname
            for field in model._meta.concrete_fields
            if not _varies(field) and f"{model.__name__}.{field.attname}" not in left_out
        ]
        rows = model._default_manager.order_by().values_list(*names) if names else ()
        found[model.__name__] = Counter(
            EVENT.sub(":event", str(dict(zip(names, values, strict=True)))) for values in rows
        )
    return found


def _varies(field: "models.Field[Any, Any]") -> bool:
    return (
        field.primary_key
        or isinstance(field, models.DateTimeField | models.UUIDField)
        or field.column in LEFT_OUT
    )


def judge(result: Result, what: str, once: Rows, again: Rows) -> None:
    result.tries += 1
    for table in once:
        if more := again[table] - once[table]:
            result.faults.append(
                f"{what}: {more.total()} rows of {table} more or other, as {next(iter(more))[:300]}"
            )
        elif less := once[table] - again[table]:
            result.faults.append(f"{what}: {less.total()} rows of {table} less, as {next(iter(less))[:300]}")


def raise_first(results: list[Any]) -> None:
    """Raise the first error that a task in parallel met."""
    for one in results:
        if isinstance(one, Exception):
            raise one
