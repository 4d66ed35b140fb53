"""Row 9: a backup is written while the site serves, all is lost, and the backup is restored on a machine that has nothing."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from django.apps import apps
from django.core.files.base import ContentFile
from django.db import connection, models
from django.urls import reverse

from backup.archive_names import made_at
from backup.facts import files_of
from bench.sets import database
from files import actions as stored
from survive import scenes
from survive.clients import Ask, send
from survive.processes import ROOT
from survive.row import Result, row
from survive.rows.redis_away import close, enrol
from survive.stack import Stack
from tests.factories import make_account, make_unit

RESTORED = "survive_restored"
# What is written by making and restoring a backup, and by people who come meanwhile.
OF_BACKUPS = {"backup"}
Tables = dict[str, Counter[str]]


@row(
    "9",
    "backup, disaster, restore",
    "0 differences, time printed",
    full={"closings": 20},
    short=None,
)
def disaster(stack: Stack, closings: int) -> Result:
    result = Result()
    for _ in range(closings):
        enrol(stack.site.port, result, "before the backup")
        close(stack.site.port, result, "before the backup")
    folder = stack.folder / "backup"
    folder.mkdir(exist_ok=True)
    stack.site.end()
    # Without the workers, which go on mailing, what is backed up is what is compared; pages are served meanwhile.
    web = stack.another_site(SURVIVE_WITHOUT="worker mail beat")
    store_file()
    before, files = tables(), files_with_rows(stack.folder / "var/media")
    result.expect(files, "there was no file to lose")
    seconds = [manage(stack, result, {}, "backup", "--to", str(folder), "--plain")]
    web.end()
    stack.site.start(stack.guard)
    # Beside it is the file that keeps two backups apart.
    backups = [path for path in folder.iterdir() if made_at(path.name)]
    if not result.equal("files of the backup", len(backups), 1):
        return result
    # The other machine: an empty database, an empty folder, the same keys.
    stack.postgres.create(RESTORED)
    other = stack.folder / "other"
    other.mkdir(exist_ok=True)
    facts = {"DATABASE_URL": stack.postgres.url(RESTORED), "VAR_DIR": str(other)}
    seconds.append(manage(stack, result, facts, "restore", str(backups[0])))
    stack.forget_connections()
    with database(RESTORED):
        after = tables()
        compare(result, before, after)
        serves(stack, result, facts)
    result.equal("files of people", media(other / "media"), files)
    stack.postgres.drop(RESTORED)
    rows = sum(map(Counter.total, before.values()))
    result.text = f"{rows:,} rows, {len(files)} files: backup {seconds[0]:.1f} s, restore {seconds[1]:.1f} s"
    return result


def manage(stack: Stack, result: Result, facts: dict[str, str], *words: str) -> float:
    """Run a command of the site; return its seconds."""
    began = time.monotonic()
    environment = stack.environment() | {"PG_PROGRAMS": str(stack.postgres.binaries)} | facts
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    result.tries += 1
    result.expect(done.returncode == 0, f"manage.py {words[0]}: {done.stderr[-800:]}")
    return time.monotonic() - began


def tables() -> Tables:
    """Return every row of every table, whole."""
    found: Tables = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and model._meta.app_label not in OF_BACKUPS:
            found[model._meta.label] = Counter(map(words_of, _rows(model)))
    return found


def words_of(values: Iterable[object]) -> str:
    """Return a row as text that is the same for the same row: PostgreSQL's bytes come as views, which print their address."""
    return str(tuple(bytes(value) if isinstance(value, memoryview) else value for value in values))


def _rows(model: type[models.Model]) -> "models.QuerySet[models.Model, tuple[object, ...]]":
    return model._default_manager.order_by().values_list()


def media(folder: Path) -> dict[str, int]:
    """Return the files of people and their sizes."""
    return {
        str(Path(place, name).relative_to(folder)): Path(place, name).stat().st_size
        for place, _, names in os.walk(folder)
        for name in names
    }


def store_file() -> None:
    """Keep a file of a person, as a job does."""
    content, owner = ContentFile(b"%PDF-1.4 paper"), make_account(make_unit()).user_id
    stored.store_made("jobs", owner_id=owner, file=content, name="paper.pdf", content_type="application/pdf")


def files_with_rows(folder: Path) -> dict[str, int]:
    """Return the files that the database names: other databases of the run have left theirs in the same folder."""
    named = {path for path, _ in files_of(connection)}
    return {path: size for path, size in media(folder).items() if path in named}


def compare(result: Result, before: Tables, after: Tables) -> None:
    """Each table has the rows that it had."""
    for table, rows in before.items():
        result.tries += 1
        lost, more = rows - after.get(table, Counter()), after.get(table, Counter()) - rows
        result.expect(not lost, f"{lost.total()} rows of {table} lost, as {next(iter(lost), '')[:200]}")
        result.expect(
            not more, f"{more.total()} rows of {table} that were not there, as {next(iter(more), '')[:200]}"
        )


def serves(stack: Stack, result: Result, facts: dict[str, str]) -> None:
    """A site on the restored database shows pages, lets people enrol and clerks close."""
    site = stack.another_site(**facts, SURVIVE_WITHOUT="worker mail beat")
    try:
        cookie = scenes.session_of(make_account(make_unit()))
        for path in (reverse("courses:catalogue"), reverse("courses:unit_home")):
            reply = send(site.port, Ask(path, cookie))
            result.expect(reply.status == 200, f"after the restore, {path}: {reply}")
        enrol(site.port, result, "after the restore")
        close(site.port, result, "after the restore")
    finally:
        site.end()
