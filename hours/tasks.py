from hours.actions import drafts, walk_ins
from kit.celery_app import app


@app.task
def tidy_drafts() -> int:
    """Each night, drafts that nobody can use any more, and the counters of past days. Safe to run twice; a run that dies removes nothing."""
    walk_ins.forget_old()
    return drafts.tidy()
