"""A request waits for a lock for some seconds only; a worker waits as long as it has to (PostgreSQL)."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as site
from django.db import connection
from django.test import Client
from django.urls import reverse

from kit.lock_waits import limit_lock_waits
from tests.concurrency.test_beside_files import being_moved
from tests.factories import make_user

SHOWN = """
from django.db import connection
cursor = connection.cursor()
cursor.execute("SHOW lock_timeout")
print("waits", cursor.fetchone()[0])
"""
WEB, WORKER = "import inservice.wsgi" + SHOWN, "import django; django.setup()" + SHOWN


@pytest.fixture
def options() -> Iterator[dict[str, Any]]:
    """The options of this process' connections, given back afterwards."""
    found = connection.settings_dict["OPTIONS"]
    before = dict(found)
    yield found
    found.clear()
    found.update(before)


def waits(script: str, **more: str) -> str:
    """Return how long a new process waits for a lock."""
    facts: dict[str, Any] = connection.settings_dict
    host = facts["HOST"] or facts["OPTIONS"].get("host", "")
    place = f"/{facts['NAME']}?host={host}&port={facts['PORT'] or 5432}"
    env = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"},
        "DATABASE_URL": f"postgresql://{facts['USER']}:{facts['PASSWORD']}@{place}",
        "DJANGO_SETTINGS_MODULE": "inservice.settings",
        "SECRET_KEY": "x" * 60,
        **more,
    }
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=site.BASE_DIR,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout.partition("waits ")[2].strip() or done.stderr


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("script", "more", "expected"),
    [
        (WEB, {"LOCK_SECONDS": "1.5"}, "1500ms"),
        (WEB, {"PGBOUNCER": "1"}, "0"),
        (WORKER, {}, "0"),
    ],
)
def test_only_the_connections_of_the_web_processes_are_limited(
    script: str, more: dict[str, str], expected: str
) -> None:
    assert waits(script, **more) == expected


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_request_for_a_person_who_is_held_ends_with_the_page_of_an_outage(client: Client) -> None:
    person = make_user()
    client.force_login(person)
    client.raise_request_exception = False
    with being_moved(person):
        began = time.monotonic()
        answer = client.post(reverse("set_language"), {"language": "en"})
        assert (answer.status_code, answer["Retry-After"]) == (503, "60")
        assert time.monotonic() - began < 10
    person.refresh_from_db()
    assert person.language != "en"


def test_options_of_the_address_go_first(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "vendor", "postgresql")
    options["options"] = "-c lock_timeout=3s"
    limit_lock_waits()
    assert options["options"] == "-c lock_timeout=20000ms -c lock_timeout=3s"


def test_without_the_setting_there_is_no_limit(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(connection, "vendor", "postgresql")
    settings.LOCK_SECONDS = 0
    before = dict(options)
    limit_lock_waits()
    assert options == before
