"""The Celery application; `celery -A inservice worker -B` runs worker and beat."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inservice.settings")

app = Celery("inservice")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
