from django.core.management import call_command

from kit.celery_app import app
from signin.actions import devices, first_login_links, join_requests, throttles


@app.task
def tidy_log_ins() -> None:
    """Remove counters, browsers and sessions that count nothing any more."""
    throttles.forget_old()
    devices.forget_old()
    first_login_links.forget_old()
    join_requests.forget_old()
    call_command("clearsessions")


@app.task(name="accounts.tasks.tidy_log_ins")
def tidy_log_ins_under_its_former_name() -> None:
    """Run a message that was queued before the task moved here."""
    tidy_log_ins()
