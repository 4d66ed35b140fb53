"""The entry point of `celery -A inservice worker` and `celery -A inservice beat`; the application itself is `kit.celery_app`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inservice.settings")
django.setup()

from kit.celery_app import app  # noqa: E402 - the apps register their schedules first

__all__ = ["app"]
