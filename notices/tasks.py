from celery import shared_task

from notices import outbox


@shared_task
def drain_outbox() -> dict[str, int]:
    """Send unsent notices. Safe to run twice and at once: each row is claimed; a crash leaves rows for the next run."""
    return outbox.drain()
