"""The entry point of `celery -A inservice worker` and `celery -A inservice beat`; the application itself is `kit.celery_app`."""

import os

import django

from inservice.startup import ending_with_a_sentence

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inservice.settings")
with ending_with_a_sentence():
    django.setup()

from kit.celery_app import app  # noqa: E402 - the apps register their schedules first

__all__ = ["app"]
