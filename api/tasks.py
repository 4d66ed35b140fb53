from api import idempotency
from kit.celery_app import app


@app.task
def forget_idempotency_keys() -> int:
    """Each hour, the answers that were kept for a day. Safe to run twice."""
    return idempotency.forget_old()
