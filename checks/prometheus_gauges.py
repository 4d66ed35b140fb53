"""Figures of the whole installation for Prometheus: what waits, how long, and whether the clockwork runs. Nobody is named.

They are read from the database at each scrape, by the process of `manage.py metrics`, so that they cost no web process anything.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import DatabaseError, connection
from django.db.models import Count, Min
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from audit import seal
from audit.models import AuditEvent, EventKind
from courses.queries import queues, system_state
from jobs.enums import JobState
from jobs.models import Job
from kit import clock

FAILED_LOG_INS = ("login.failed", "login.locked")
LATELY = timedelta(minutes=15)
# The newest security events that are looked at: found from the end of an index, however long the record is.
NEWEST = 5000
PREFIX = "inservice_"


class InstallationGauges(Collector):
    """The gauges `inservice_…`; without the database only `inservice_database_up`, which is then 0."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            found = [*_outbox(), *_jobs(), *_clockwork(), *_log_ins()]
        except DatabaseError:
            found = []
        finally:
            # Each scrape has a thread of its own.
            connection.close()
        yield GaugeMetricFamily(f"{PREFIX}database_up", "1 while the database replies", value=bool(found))
        yield from found

    def describe(self) -> list[GaugeMetricFamily]:
        """Registering runs no query."""
        return []


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{PREFIX}{name}", text, value=value)


def _age(since: datetime | None) -> float:
    return max((clock.now() - since).total_seconds(), 0) if since else 0


def _outbox() -> Iterator[GaugeMetricFamily]:
    waiting = queues.of_operator()
    yield _gauge("notices_unsent", "notices whose mail waits", waiting["outbox"].count)
    yield _gauge("notices_unsent_oldest_seconds", "age of the oldest of them", _age(waiting["outbox"].oldest))
    yield _gauge(
        "notices_retried", "notices whose mail was refused and is tried again", waiting["retried"].count
    )
    yield _gauge("notices_given_up", "notices whose mail was given up", waiting["failed"].count)


def _jobs() -> Iterator[GaugeMetricFamily]:
    counts = dict(Job.objects.order_by().values_list("state").annotate(Count("pk")))
    family = GaugeMetricFamily(f"{PREFIX}jobs", "jobs by state", labels=["state"])
    for state in JobState.values:
        family.add_metric([state], counts.get(state, 0))
    yield family
    oldest = Job.objects.filter(state=JobState.WAITING).aggregate(at=Min("created_at"))["at"]
    yield _gauge(
        "jobs_waiting_oldest_seconds", "age of the oldest job that no worker has begun", _age(oldest)
    )


def _clockwork() -> Iterator[GaugeMetricFamily]:
    counted = system_state.counted_at(clock.this_year())
    yield _gauge("lights_age_seconds", "since the lights of all units were last counted", _age(counted))
    yield _gauge(
        "record_unsealed_oldest_seconds",
        "age of the oldest event that is not sealed",
        _age(seal.oldest_unsealed()),
    )


def _log_ins() -> Iterator[GaugeMetricFamily]:
    newest = (
        AuditEvent.objects.filter(kind=EventKind.SECURITY)
        .order_by("-pk")
        .values_list("action", "at")[:NEWEST]
    )
    since = clock.now() - LATELY
    failed = sum(action in FAILED_LOG_INS and at >= since for action, at in newest)
    yield _gauge("login_failures", "failed log-ins of the last 15 minutes", failed)
