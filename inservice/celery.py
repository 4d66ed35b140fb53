"""The Celery application; `celery -A inservice worker -B` runs worker and beat.

It is imported by the `tasks` modules alone, and these only where a task is sent: a web process that sends none never builds it.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inservice.settings")

from inservice.beat import SCHEDULE  # noqa: E402 - reads the settings

app = Celery("inservice")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = SCHEDULE
app.autodiscover_tasks()
