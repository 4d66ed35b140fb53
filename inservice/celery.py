"""The entry point of `celery -A inservice worker` and `celery -A inservice beat`; the application itself is `kit.celery_app`."""

import os

import django

from inservice.startup import ending_with_a_sentence

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inservice.settings")
with ending_with_a_sentence():
    django.setup()

from celery.signals import beat_init, worker_init  # noqa: E402

from kit.celery_app import app  # noqa: E402 - the apps register their schedules first
from kit.migration_state import require_migrated_if_there  # noqa: E402


def start_on_a_whole_database(**kwargs: object) -> None:
    """End before any task runs where tables are missing, as in a database into which a restore was cut off."""
    with ending_with_a_sentence():
        require_migrated_if_there()


worker_init.connect(start_on_a_whole_database, weak=False)
beat_init.connect(start_on_a_whole_database, weak=False)


__all__ = ["app"]
