"""The Celery application, and what its beat starts.

The `tasks` modules of the apps import it, and they are imported only where a task is sent: a web process that sends none never loads
Celery. It is built after the apps are ready, since it reads the schedule that they registered.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun, worker_init
from django.apps import apps
from django.conf import settings

from kit import broker
from kit.schedule import SCHEDULE, Cron, Entry
from kit.task_headers import HEADERS

DAY = 24 * 3600


def beat_schedule() -> dict[str, dict[str, Any]]:
    """Return the registered schedule as Celery's beat reads it.

    A message expires when its successor is due. Messages that piled up while no worker ran are dropped, so that no person's job waits
    behind a day of them. Nothing is lost: each task does all the work that is due.
    """
    return {name: _beat_entry(entry) for name, entry in SCHEDULE.items()}


def _beat_entry(entry: Entry) -> dict[str, Any]:
    if isinstance(entry.when, Cron):
        schedule = crontab(minute=entry.when.minute, hour=entry.when.hour)
        seconds = DAY / (len(schedule.hour) * len(schedule.minute))
        return {"task": entry.task, "schedule": schedule, "options": {"expires": seconds}}
    return {"task": entry.task, "schedule": entry.when, "options": {"expires": entry.when}}


apps.check_apps_ready()
app = Celery("inservice")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = beat_schedule()
app.autodiscover_tasks()


@setup_logging.connect(weak=False)
def log_as_the_settings_say(**kwargs: object) -> None:
    """Keep Celery from setting up lines of its own: Django has set up those of the settings, scrubbed and with the request's id."""


@before_task_publish.connect(weak=False)
def send_headers(headers: dict[str, Any] | None = None, **kwargs: object) -> None:
    """A task takes along what is in force where it is sent."""
    if headers is not None:
        headers.update({name: value for name, header in HEADERS.items() if (value := header.read())})


# What ends the headers of the tasks that run in this process, by the id of the task.
_ends: dict[str, list[Callable[[], None]]] = {}


@task_prerun.connect(weak=False)
def begin_headers(task_id: str, task: Any, **kwargs: object) -> None:
    """Put the headers in force. A task that nobody's request sent, such as one of beat, goes under its own id."""
    given = {name: task.request.get(name) or (task.request.headers or {}).get(name) for name in HEADERS}
    _ends[task_id] = [
        HEADERS[name].begin(str(value or task_id.replace("-", ""))) for name, value in given.items()
    ]


@task_postrun.connect(weak=False)
def end_headers(task_id: str, **kwargs: object) -> None:
    for end in reversed(_ends.pop(task_id, [])):
        end()


folder: Path | None = settings.BROKER_FOLDER
if folder:
    broker_folder: Path = folder

    @worker_init.connect(weak=False)
    def set_aside_broken(**kwargs: object) -> None:
        broker.set_aside_broken(broker_folder)

    @before_task_publish.connect(weak=False)
    def bind_again(**kwargs: object) -> None:
        broker.bind_again(app, broker_folder)
