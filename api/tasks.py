from api import idempotency
from kit.celery_app import app


@app.task
def forget_idempotency_keys() -> int:
    """Delete each hour the responses older than a day. Safe to run twice."""
    return idempotency.forget_old()
