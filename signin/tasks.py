import logging
from datetime import datetime
from typing import Any

from django.core.management import call_command

from kit.celery_app import app
from kit.one_by_one import one_by_one
from signin.actions import devices, first_login_links, join_requests, last_log_ins, throttles

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


@app.task(bind=True, max_retries=60, default_retry_delay=60)
def keep_last_login(self: Any, person_id: int, moment: str) -> None:
    """Keep the moment of a log-in once the person is free: tried each minute for an hour."""
    if not last_log_ins.keep_last_login(person_id, datetime.fromisoformat(moment)):
        raise self.retry()


@app.task(name="accounts.tasks.tidy_log_ins")
def tidy_log_ins_under_its_former_name() -> None:
    """Run a message that was queued before the task moved here."""
    tidy_log_ins()
