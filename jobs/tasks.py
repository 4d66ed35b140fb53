from jobs import runner
from kit.celery_app import app


@app.task
def run(job_id: int) -> bool:
    """Carry out one job. Sent twice it is done once: the first worker claims the row.

    A crash in the middle: what is all or nothing was in one transaction and is undone; what works in chunks keeps the whole
    ones. `sweep` finds the row silent after ten minutes and starts it again or marks it as failed.
    """
    return runner.run(job_id)


@app.task
def sweep() -> dict[str, int]:
    """Three times a minute: send again what a lost message left waiting, end what a dead worker left running. Safe to run twice."""
    return runner.sweep()


@app.task
def expire() -> dict[str, int]:
    """Each hour: files older than 24 hours go. Safe to run twice; a crash leaves the rest to the next run."""
    return runner.expire()
