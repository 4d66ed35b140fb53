"""The Celery application; `celery -A inservice worker` and `celery -A inservice beat` run it.

It is imported by the `tasks` modules alone, and these only where a task is sent: a web process that sends none never builds it.
"""

import os

from celery import Celery
from celery.signals import before_task_publish, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inservice.settings")

from django.conf import settings  # noqa: E402 - after the line above

from inservice import broker  # noqa: E402
from inservice.beat import SCHEDULE  # noqa: E402

app = Celery("inservice")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = SCHEDULE
app.autodiscover_tasks()


if settings.BROKER_FOLDER:

    @worker_init.connect(weak=False)
    def set_aside_broken(**kwargs: object) -> None:
        broker.set_aside_broken(settings.BROKER_FOLDER)

    @before_task_publish.connect(weak=False)
    def bind_again(**kwargs: object) -> None:
        broker.bind_again(app, settings.BROKER_FOLDER)
