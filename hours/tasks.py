from hours.actions import drafts
from inservice.celery import app


@app.task
def tidy_drafts() -> int:
    """Each night, drafts that nobody can use any more. Safe to run twice; a run that dies removes nothing."""
    return drafts.tidy()
