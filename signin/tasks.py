import logging

from django.core.management import call_command

from kit.celery_app import app
from kit.one_by_one import one_by_one
from signin.actions import devices, first_login_links, join_requests, throttles

logger = logging.getLogger(__name__)


@app.task
def tidy_log_ins() -> None:
    """Remove counters, browsers and sessions that count nothing any more. One kind that fails keeps no other from its turn."""
    with one_by_one(logger, "old log-ins could not be removed") as turn:
        for module in (throttles, devices, first_login_links, join_requests):
            with turn(module.__name__):
                module.forget_old()
        with turn("sessions"):
            call_command("clearsessions")


@app.task(name="accounts.tasks.tidy_log_ins")
def tidy_log_ins_under_its_former_name() -> None:
    """Run a message that was queued before the task moved here."""
    tidy_log_ins()
