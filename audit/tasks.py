from audit import retention, seal
from kit.celery_app import app


@app.task
def seal_record() -> int:
    """Seal every event that has no block yet. Safe to run twice and at once: the row of each chain is locked."""
    return seal.seal_all()


@app.task
def apply_retention() -> int:
    """Remove events that have outlived the time they are kept for. Safe to run twice: a block is dropped once."""
    return retention.apply_retention()
