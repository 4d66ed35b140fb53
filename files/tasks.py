from files import actions
from kit.celery_app import app


@app.task
def expire() -> dict[str, int]:
    """Each hour: delete the files whose time is over and those that no row names. Safe to run twice."""
    return actions.expire()
