from kit.celery_app import app
from webhooks.actions import deliveries, pausing, sending


@app.task
def send_waiting() -> dict[str, int]:
    """Send what is due. Safe to run twice and at once: rows are claimed; a crash leaves them for a later run."""
    return sending.send_waiting()


@app.task
def forget_old() -> int:
    """Each night: messages go 30 days after they were made. Safe to run twice."""
    return deliveries.forget_old()


@app.task
def pause_left() -> int:
    """Each morning: pause the webhooks whose accounts are not in force, and notify colleagues. Safe to run twice."""
    return pausing.pause_left()
