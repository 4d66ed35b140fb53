"""Figures for Prometheus: what they count, that they are off, and that the site itself never serves them."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.test import Client
from prometheus_client import generate_latest

from audit import log
from checks import prometheus_gauges
from checks.management.commands import metrics
from jobs.models import Job
from kit import clock
from notices.models import Notice
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PREFIX = "inservice_"


@pytest.fixture(autouse=True)
def _keep_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scrape ends its connection, which here is the test's."""
    monkeypatch.setattr(prometheus_gauges.connection, "close", lambda: None)


def found() -> dict[str, float]:
    lines = generate_latest(metrics.registry()).decode().splitlines()
    pairs = (line.rpartition(" ") for line in lines if line.startswith(PREFIX))
    return {name.removeprefix(PREFIX): float(value) for name, _, value in pairs}


def test_what_waits_is_counted_with_its_age() -> None:
    person = make_user()
    at = clock.now() - timedelta(hours=1)
    facts = {"kind": "x", "owner": person, "language": "en", "fingerprint": "x"}
    Job.objects.create(created_at=at, sent_at=at, state="waiting", **facts)
    Notice.objects.create(key="x", kind="light_red", recipient=person, created_at=at)
    log.record("login.failed", person, by=None)
    seen = found()
    assert (
        seen["database_up"] == 1 and seen['jobs{state="waiting"}'] == 1 and seen['jobs{state="failed"}'] == 0
    )
    assert (seen["notices_unsent"], seen["notices_given_up"], seen["login_failures"]) == (1, 0, 1)
    for age in ("jobs_waiting_oldest_seconds", "notices_unsent_oldest_seconds"):
        assert 3590 < seen[age] < 3700
    assert "lights_age_seconds" in seen and "record_unsealed_oldest_seconds" in seen


def test_old_failures_of_log_ins_are_no_longer_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    log.record("login.failed", make_user(), by=None)
    later = clock.now() + timedelta(minutes=20)
    monkeypatch.setattr(prometheus_gauges.clock, "now", lambda: later)
    assert found()["login_failures"] == 0


@pytest.mark.once
def test_without_the_database_the_scrape_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise DatabaseError

    monkeypatch.setattr(prometheus_gauges, "_outbox", refuse)
    assert found() == {"database_up": 0}


@pytest.mark.once
def test_they_are_off_and_never_on_the_port_of_the_site(client: Client) -> None:
    with pytest.raises(CommandError, match="METRICS_PORT"):
        call_command("metrics")
    assert "django_prometheus" not in settings.INSTALLED_APPS
    assert client.get("/metrics").status_code == 404


@pytest.mark.once
def test_requests_are_counted_by_route_and_status(tmp_path: Path) -> None:
    kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL", "PYTHONWARNINGS")}
    env = {"DJANGO_SETTINGS_MODULE": "inservice.settings", "PYTHONPATH": str(settings.BASE_DIR)}
    env |= {"METRICS_PORT": "9464", "VAR_DIR": str(tmp_path)}
    command = [sys.executable, str(Path(__file__).with_name("counting_process.py"))]
    done = subprocess.run(command, env={**kept, **env}, capture_output=True, text=True)
    assert 'view="robots"' in done.stdout and "django_http_requests" in done.stdout, done.stderr[-2000:]
    assert list((tmp_path / "metrics").glob("*.db"))
