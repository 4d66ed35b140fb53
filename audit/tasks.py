from celery import shared_task

from audit import seal


@shared_task
def seal_record() -> int:
    """Seal the events that have settled. Safe to run twice and at once: the last seal's row is the lock."""
    return seal.seal_all()


@shared_task
def apply_retention() -> int:
    """Remove events that have outlived the time they are kept for. Safe to run twice: a block is dropped once."""
    return seal.apply_retention()
