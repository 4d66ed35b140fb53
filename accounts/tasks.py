from accounts.actions import inactive_accounts
from kit.celery_app import app


@app.task
def watch_accounts() -> dict[str, int]:
    """The nightly look at all business accounts. Safe to run twice and at once: each act locks its row."""
    return inactive_accounts.suspend_and_end().as_dict()
