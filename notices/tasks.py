from kit.celery_app import app
from notices import outbox, timed


@app.task
def drain_outbox() -> dict[str, int]:
    """Send what waits, for at most OUTBOX_SECONDS. Safe to run twice and at once: rows are claimed; a crash leaves them for the next run."""
    return outbox.drain_all()


@app.task
def forget_old_mail() -> int:
    """Each night: mail to a mailbox that is in no inbox goes a month after it was sent, or after its link ran out. Safe to run twice."""
    return outbox.forget_old()


@app.task
def prepare_timed() -> dict[str, int]:
    """Write the time-driven notices whose hour has come. Safe to run twice and at once; a run that is killed goes on where it was."""
    return timed.prepare_due()
