"""What a process loads when it starts, and what it leaves for when it is needed (docs/scaling.md, "What a start costs")."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from kit.celery_app import app, beat_schedule

# Imported where they are used: a task is sent, the API's description is requested.
LATER = {"celery", "kombu", "drf_spectacular.openapi", "django.test", "icalendar"}
# What every page needs is loaded before the first request.
AT_ONCE = {"courses.views.catalogue", "hours.views.closing", "api.views", "allauth.mfa.webauthn.views"}


# A web process starts on no database that lacks tables, but while the database is away.
AWAY = {"DATABASE_URL": "postgresql://site@127.0.0.1:9/site"}


def python(*words: str, **variables: str) -> str:
    """Return the output of a fresh process."""
    root, env = Path(settings.BASE_DIR), {**os.environ, **variables}
    return subprocess.run(
        [sys.executable, *words], cwd=root, env=env, capture_output=True, text=True, check=True
    ).stdout


def test_a_web_process_starts_with_all_views_and_without_what_few_requests_need() -> None:
    loaded = set(python("-c", "import sys, inservice.wsgi; print(*sys.modules)", **AWAY).split())
    assert loaded & LATER == set()
    assert loaded >= AT_ONCE


def test_what_workers_are_forked_from_holds_no_connection_and_no_thread() -> None:
    asked = (
        "import threading, inservice.wsgi; from django.db import connections;"
        "print([c for c in connections.all() if c.connection], threading.active_count())"
    )
    assert python("-c", asked, **AWAY).split() == ["[]", "1"]


def test_a_web_process_collects_garbage_but_not_in_what_it_has_loaded() -> None:
    said = python(
        "-c", "import gc, inservice.wsgi; print(gc.isenabled(), gc.get_freeze_count() > 100_000)", **AWAY
    )
    assert said.split() == ["True", "True"]


def test_a_command_runs_with_the_collector() -> None:
    asked = "import gc; print(gc.isenabled(), gc.get_freeze_count() > 50_000)"
    assert python("manage.py", "shell", "--verbosity", "0", "-c", asked).split() == ["True", "True"]


def test_a_task_that_is_sent_goes_to_our_own_broker() -> None:
    from jobs.tasks import run

    assert run.app is app and app.conf.broker_url == settings.CELERY_BROKER_URL
    assert run.acks_late and run.ignore_result


def test_beat_starts_tasks_that_there_are() -> None:
    app.loader.import_default_modules()
    assert app.conf.beat_schedule == beat_schedule()
    assert {entry["task"] for entry in beat_schedule().values()} <= set(app.tasks)


def test_what_beat_sends_expires_when_its_successor_comes() -> None:
    """A day without a worker leaves thousands of messages; a job must not wait until each of them was done."""
    lives = {name: entry["options"]["expires"] for name, entry in app.conf.beat_schedule.items()}
    assert lives["sweep-the-jobs"] == 20 and lives["seal-the-record"] == 600
    assert lives["lights-each-hour"] == 3600 and lives["retention-each-night"] == 24 * 3600
    assert all(0 < seconds <= 24 * 3600 for seconds in lives.values())


@pytest.mark.parametrize(("words", "status"), [(["--help"], 0), (["8123"], 2)])
def test_an_argument_of_the_server_starts_nothing_but_says_what_it_takes(
    words: list[str], status: int
) -> None:
    said = subprocess.run(
        [Path(settings.BASE_DIR) / "script/server", *words], capture_output=True, text=True, timeout=20
    )
    assert said.returncode == status and "PORT=8000" in said.stdout
