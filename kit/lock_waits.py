"""How long a request waits for a lock.

A file in which thousands of people move holds their rows for minutes. Requests that wait for one of them would each keep a thread of the web
server, and a few of them all threads. They end with the page for an outage instead (`kit.outages`), with nothing saved.
"""

from django.conf import settings
from django.db import connection


def limit_lock_waits() -> None:
    """Let the connections that this process opens from now on wait `LOCK_SECONDS` for a lock, by an option of PostgreSQL.

    PgBouncer refuses such options; it has a setting of its own (`deploy/pgbouncer.ini`). Options of `DATABASE_URL` go first.
    """
    if connection.vendor != "postgresql" or settings.PGBOUNCER or settings.LOCK_SECONDS <= 0:
        return
    options = connection.settings_dict["OPTIONS"]
    known = options.get("options", "")
    options["options"] = f"-c lock_timeout={round(settings.LOCK_SECONDS * 1000)}ms {known}".strip()
