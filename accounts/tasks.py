from celery import shared_task
from django.core.management import call_command

from accounts.actions import devices, throttles, watch


@shared_task
def watch_accounts() -> dict[str, int]:
    """The nightly look at all business accounts. Safe to run twice and at once: each act locks its row."""
    return watch.watch().as_dict()


@shared_task
def tidy_log_ins() -> None:
    """Remove counters, browsers and sessions that count nothing any more."""
    throttles.forget_old()
    devices.forget_old()
    call_command("clearsessions")
