from audit import seal
from inservice.celery import app


@app.task
def seal_record() -> int:
    """Seal the events that have settled. Safe to run twice and at once: the last seal's row is the lock."""
    return seal.seal_all()


@app.task
def apply_retention() -> int:
    """Remove events that have outlived the time they are kept for. Safe to run twice: a block is dropped once."""
    return seal.apply_retention()
