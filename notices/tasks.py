from inservice.celery import app
from notices import outbox


@app.task
def drain_outbox() -> dict[str, int]:
    """Send what waits, for at most fifty seconds. Safe to run twice and at once: rows are claimed; a crash leaves them for the next run."""
    return outbox.drain_all()
