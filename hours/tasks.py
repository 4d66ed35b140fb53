from hours.actions import drafts, walk_ins
from kit.celery_app import app


@app.task
def tidy_drafts() -> int:
    """Each night, delete drafts that are out of use, and the counters of past days. Safe to run twice; a run that fails
    deletes nothing.
    """
    walk_ins.forget_old()
    return drafts.tidy()
