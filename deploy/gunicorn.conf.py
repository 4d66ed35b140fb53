"""How gunicorn serves the site: `gunicorn -c deploy/gunicorn.conf.py inservice.wsgi`. Numbers come from the environment."""

import os
from pathlib import Path

from inservice.environment import Environment
from inservice.startup import ending_with_a_sentence

bind = os.environ.get("BIND", "127.0.0.1:" + os.environ.get("PORT", "8000"))
with ending_with_a_sentence():
    workers = Environment().int("WEB_WORKERS", default=2)
    threads = Environment().int("WEB_THREADS", default=4)
# Loaded once for all workers (docs/scaling.md); new code needs a restart.
preload_app = True
# A request is cut off earlier by whatever it waits for (kit/database_watchdog.py); a large list takes its time.
timeout = 120
graceful_timeout = 30
# Longer than the proxy keeps its connections, which would otherwise meet a closed one.
keepalive = 75
# Workers are renewed in turn, each at another number.
max_requests = 20_000
max_requests_jitter = 2_000
# Heartbeats are files: in memory, so that a slow disk is not taken for a dead worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
# The proxy in front is the only one that connects; which of its headers count is TRUSTED_PROXIES of the settings.
forwarded_allow_ips = "*" if os.environ.get("TRUSTED_PROXIES", "0") != "0" else "127.0.0.1"
# The application writes a line for each request, with its id and nothing secret; gunicorn's own would hold addresses in full.
accesslog = None
loglevel = "warning"


def _logging() -> dict[str, object]:
    """Return the application's way of writing lines, for gunicorn's own as well."""
    with ending_with_a_sentence():
        from inservice.settings import LOGGING

    return {
        **LOGGING,
        "loggers": {**LOGGING["loggers"], "gunicorn.error": {"level": "INFO", "propagate": True}},
    }


logconfig_dict = _logging()


def on_starting(server: object) -> None:
    """Begin the counters of the requests anew: files of earlier processes would be counted for ever."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
    for path in Path(folder).glob("*.db") if folder else ():
        path.unlink(missing_ok=True)


def child_exit(server: object, worker: object) -> None:
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)  # type: ignore[attr-defined]
