from django.core.management import call_command

from accounts.actions import inactive_accounts
from kit.celery_app import app
from signin.actions import devices, throttles


@app.task
def watch_accounts() -> dict[str, int]:
    """The nightly look at all business accounts. Safe to run twice and at once: each act locks its row."""
    return inactive_accounts.watch().as_dict()


@app.task
def tidy_log_ins() -> None:
    """Remove counters, browsers and sessions that count nothing any more."""
    throttles.forget_old()
    devices.forget_old()
    call_command("clearsessions")
