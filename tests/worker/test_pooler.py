"""Behind a real PgBouncer in transaction mode: the settings of `PGBOUNCER=1` are those that it needs."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.factories import make_unit
from tests.pooler import installed, pooler

pytestmark = [
    pytest.mark.redis,
    pytest.mark.own_clock,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not installed(), reason="pgbouncer is not installed"),
]
# A list is begun, another request takes the connection of its first rows for a transaction, the list goes on; then a lock.
SCRIPT = """
from threading import Event, Thread
import django
django.setup()
from django.db import connection, connections, transaction
from accounts.models import Unit
from kit.locks import queue_is_mine
taken, done = Event(), Event()

def another_request():
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        taken.set()
        done.wait(20)
    connections.close_all()

rows = Unit.objects.order_by("pk").iterator(chunk_size=1)
next(rows)
other = Thread(target=another_request)
other.start()
taken.wait(20)
try:
    print("rows", 1 + len(list(rows)))
finally:
    done.set()
    other.join()
for _ in range(20):
    with transaction.atomic():
        assert queue_is_mine("pooler")
print("locks went with their transactions")
"""


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., str]]:
    for number in range(8):
        make_unit(f"13452{number}")
    with pooler() as url:
        kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONWARNINGS", "REDIS_URL")}
        env = {"DATABASE_URL": url, "VAR_DIR": str(tmp_path / "var"), "PYTHONPATH": str(settings.BASE_DIR)}
        env |= {"DJANGO_SETTINGS_MODULE": "inservice.settings", "SECRET_KEY": "x" * 60}

        def run(**more: str) -> str:
            done = subprocess.run(
                [sys.executable, "-c", SCRIPT],
                env={**kept, **env, **more},
                capture_output=True,
                text=True,
                timeout=60,
            )
            return done.stdout + done.stderr[-1500:]

        yield run


def test_lists_and_locks_survive_the_pooler(run: Callable[..., str]) -> None:
    said = run(PGBOUNCER="1")
    assert "rows 8" in said and "locks went" in said


def test_without_the_setting_a_cursor_is_lost(run: Callable[..., str]) -> None:
    """The twin: a cursor on the server is on a connection that the pooler lends to the next."""
    assert "InvalidCursorName" in run(PGBOUNCER="1", DISABLE_SERVER_SIDE_CURSORS="0")
