"""Row 14: the disk is full, all connections are used up, the mail server is away, slow or refuses, an education log-in is away."""

import contextlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import psycopg2
from django.db import connection
from django.urls import reverse

from bench.clients import SECRET
from notices.models import Notice
from survive import scenes
from survive.clients import BROKEN, SEARCH, Ask, send, until
from survive.database import Postgres
from survive.row import Result, row
from survive.rows.redis_away import close, enrol
from survive.rows.worker_kills import write_notices
from survive.stack import DATABASE, Site, Stack
from tests.factories import make_course
from tests.servers import free_port, wait_for

RECOVERED_WITHIN = 60.0
# What PostgreSQL needs for the site's tables and its journal, and what is filled up.
DISK = "320m"


@row(
    "14",
    "disk full, connections used up, mail down / slow / refusing, education log-in down",
    "nothing half-written, recovery ≤ 60 s, closing unaffected",
    full={"closings": 5, "troubles": "mail_down mail_slow mail_refusing education_down connections disk"},
    short={"closings": 1, "troubles": "mail_down connections"},
)
def outages(stack: Stack, closings: int, troubles: str) -> Result:
    result, invariants, said = Result(), scenes.Invariants(), []
    for name in troubles.split():
        began = time.monotonic()
        ran = TROUBLES[name](stack, result, closings)
        said.append(f"{name}: {time.monotonic() - began:.0f} s" if ran else f"{name}: *not run*")
        result.ran = result.ran and ran
    invariants.judge(result)
    result.text = "; ".join(said)
    return result


def unaffected(stack: Stack, result: Result, what: str, closings: int) -> None:
    """People enrol and clerks close while something beside the database is away."""
    for _ in range(closings):
        result.tries += 2
        enrol(stack.site.port, result, f"enrolling, {what}")
        close(stack.site.port, result, f"closing, {what}")


def left_in_time(result: Result, notices: list[Notice], what: str) -> None:
    """The mail that waited leaves within a minute; the next try of one that was refused is brought forward."""

    def over() -> bool:
        Notice.objects.unsent().filter(pk__in=[one.pk for one in notices]).update(held_until=None)
        return not Notice.objects.unsent().filter(pk__in=[one.pk for one in notices]).exists()

    result.expect(
        wait_for(over, RECOVERED_WITHIN, every=1), f"{what}: mail did not leave within {RECOVERED_WITHIN:g} s"
    )


def mail_trouble(
    stack: Stack,
    result: Result,
    closings: int,
    trouble: AbstractContextManager[None],
    words: str,
    number: int,
) -> bool:
    """So many people get mail, and others enrol and close, while something is wrong with the mail server."""
    with trouble:
        notices = write_notices(scenes.people(number))
        unaffected(stack, result, words, closings)
    left_in_time(result, notices, words)
    return True


def mail_down(stack: Stack, result: Result, closings: int) -> bool:
    return mail_trouble(stack, result, closings, stack.mailbox.closed(), "mail server away", 10)


def mail_slow(stack: Stack, result: Result, closings: int) -> bool:
    return mail_trouble(stack, result, closings, stack.mailbox.slow(3), "mail server slow", 5)


def mail_refusing(stack: Stack, result: Result, closings: int) -> bool:
    return mail_trouble(stack, result, closings, stack.mailbox.refusing(), "mail server refuses", 10)


def education_down(stack: Stack, result: Result, closings: int) -> bool:
    """A site with an education log-in whose server refuses connections: the log-in page stays, the click says so."""
    issuer = {
        "id": "away",
        "name": "縣市帳號",
        "server_url": f"http://127.0.0.1:{free_port()}",
        "client_id": "x",
        "secret": "y",
    }
    site = stack.another_site(OIDC_ISSUERS=json.dumps([issuer]), SURVIVE_WITHOUT="worker mail beat")
    try:
        for ask in (Ask(reverse("account_login")), Ask(SEARCH)):
            reply = send(site.port, ask)
            result.tries += 1
            result.expect(reply.status == 200, f"education log-in away, {ask.path}: {reply}")
        path = reverse("openid_connect_login", args=["away"])
        reply = send(site.port, Ask(path, f"csrf={SECRET}", fields={}))
        result.tries += 1
        result.expect(reply.status not in (500, BROKEN), f"education log-in away, the click: {reply}")
    finally:
        site.end()
    unaffected(stack, result, "education log-in away", closings)
    return True


def connections(stack: Stack, result: Result, closings: int) -> bool:
    """Strangers hold every connection that the database has: 503 for those who need a new one, and back at once."""
    stack.forget_connections()
    lines = []
    with contextlib.suppress(psycopg2.OperationalError):
        while True:
            lines.append(psycopg2.connect(stack.postgres.url(DATABASE), connect_timeout=5))
    for _ in range(20):
        reply = send(stack.site.port, Ask(SEARCH))
        result.tries += 1
        result.expect(reply.status in (200, 503), f"connections used up: {reply}")
    for line in lines:
        line.close()
    recovered(stack.site, result, "connections used up")
    unaffected(stack, result, "after the connections were used up", closings)
    return True


def recovered(site: Site, result: Result, what: str) -> None:
    reply, seconds = until(site.port, Ask(SEARCH), lambda one: one.status == 200, RECOVERED_WITHIN)
    result.expect(reply.status == 200, f"{what}: after {seconds:.0f} s the catalogue said {reply}")


@contextlib.contextmanager
def small_disk() -> Iterator[Path | None]:
    """A folder on a small tmpfs of its own; None where nobody may mount one."""
    folder = Path(tempfile.mkdtemp(prefix="inservice-survive-disk-"))
    mounted = os.geteuid() == 0 and not subprocess.call(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", folder]
    )
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.call(["umount", "-l", folder])
        with contextlib.suppress(OSError):
            folder.rmdir()


def disk(stack: Stack, result: Result, closings: int) -> bool:
    """A site of its own whose database and files are on a small disk, which is filled while people enrol and a clerk closes."""
    with small_disk() as folder:
        if folder is None:
            return False
        copy = stack.another_server("disk", folder)
        try:
            return _on_a_full_disk(stack, result, copy, folder, closings)
        finally:
            stack.forget_connections()
            copy.stop()


def _on_a_full_disk(stack: Stack, result: Result, copy: Postgres, folder: Path, closings: int) -> bool:
    facts = {
        "DATABASE_URL": copy.url(DATABASE),
        "VAR_DIR": str(folder / "var"),
        "SURVIVE_WITHOUT": "worker mail beat",
    }
    site = stack.another_site(**facts)
    with _other_server(copy):
        try:
            made = [make_course(capacity=200) for _ in range(closings)]
            asks = [
                ask
                for course in made
                for ask in scenes.enrols(course, scenes.sessions(scenes.people(100, course.unit)))
            ]
            stack.forget_connections()
            _fill(folder / "ballast")
            replies = [send(site.port, ask) for ask in asks]
            (folder / "ballast").unlink()
            if copy.process and copy.process.poll() is not None:
                copy.start()  # as its service does: without room for its journal PostgreSQL ends
            recovered(site, result, "disk full")
            result.tries += len(replies)
            for reply in replies:
                result.expect(reply.status in (201, 503), f"disk full: {reply}")
            result.expect(
                any(reply.status == 503 for reply in replies), "the disk was not full: nothing was refused"
            )
            held = sum(course.enrolments.count() for course in made)
            acknowledged = sum(reply.status == 201 for reply in replies)
            result.expect(held >= acknowledged, f"disk full: {acknowledged - held} acknowledged lost")
            for rule, number in scenes.Invariants.found().items():
                result.expect(not number, f"disk full: {number} × broken: {rule}")
        finally:
            site.end()
    return True


def _fill(path: Path) -> None:
    """Write until there is no room, then what a page would still find."""
    with path.open("wb") as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * (1 << 20))
            file.flush()
    with path.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 512)


@contextlib.contextmanager
def _other_server(copy: Postgres) -> Iterator[None]:
    """Let this process's own connection lead to another server for a while."""
    connection.close()
    before = connection.settings_dict["PORT"]
    connection.settings_dict["PORT"] = copy.port
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["PORT"] = before


TROUBLES: dict[str, Callable[[Stack, Result, int], bool]] = {
    act.__name__: act for act in (mail_down, mail_slow, mail_refusing, education_down, connections, disk)
}
