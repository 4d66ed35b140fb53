"""The restore drill: a backup, a fresh database, the restore, the checks; each step timed, the fresh database removed.

What a killed drill left is removed by the next one: its folder by `staging`, its database by `drop_left`.
"""

import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import ProgrammingError, connection

from backup import archive_names, programs, writing
from backup.errors import MayNotCreateDatabase
from backup.locks import hold_number, let_go_number
from backup.staging import clear, short, staging

# What a process of its own needs to read the data: the keys are not in the backup.
_KEYS = ("SECRET_KEY", "ID_PEPPER", "AUDIT_KEY", "SITE_URL", "PG_PROGRAMS")

# The name of a drill's database is its number, which is also the number of its lock.
PREFIX, BITS = "drill_", 48
NAME = re.compile(rf"{PREFIX}[0-9a-f]{{{BITS // 4}}}")


@dataclass
class Drill:
    """What was done: the rows of the table that is printed, and the first step that failed."""

    steps: list[tuple[str, float, str]] = field(default_factory=list)
    failed: str = ""
    name: str = ""
    size: int = 0


def carry_out(*, source: Path | None = None, identity: str = "", unverified: bool = False) -> Drill:
    """Restore a backup (`source`, or one written now) into a fresh database and check it there. Raise BackupError.

    A backup written now is encrypted to a key of the drill's own: the private key of the real ones is not on this machine.
    """
    if source is not None:
        archive_names.require_file(source)
    drill = Drill()
    clear()
    with staging("drill") as place, short("drill") as folder:
        env, key = dict(os.environ), folder / "key"
        try:
            if source is None:
                env["GNUPGHOME"] = str(key)
                source = _backup(place, key, drill)
            drill.name, drill.size = source.name, source.stat().st_size
            with fresh_database(place) as target:
                env |= target | _keys(place)
                words = ["restore", str(source), *(["--identity", identity] if identity else [])]
                if _run(
                    drill, "restore and compare", [*words, *(["--unverified"] if unverified else [])], env
                ):
                    _run(drill, "invariants", ["check_invariants"], env)
        finally:
            subprocess.run(["gpgconf", "--homedir", str(key), "--kill", "all"], capture_output=True)
    return drill


def _keys(place: Path) -> dict[str, str]:
    """The keys of this installation. The witness is a copy: the drill seals nothing into the real one."""
    witness = place / "witness.jsonl"
    if settings.AUDIT_WITNESS and Path(settings.AUDIT_WITNESS).exists():
        shutil.copy(settings.AUDIT_WITNESS, witness)
    found = {name: str(getattr(settings, name)) for name in _KEYS}
    return {**found, "FIELD_KEYS": ",".join(settings.FIELD_KEYS), "AUDIT_WITNESS": str(witness)}


def _backup(place: Path, key: Path, drill: Drill) -> Path:
    begun = time.monotonic()
    made = writing.backup_to(str(place / "backups"), recipient=str(make_key(key)))
    said = ", ".join(f"{name} {took} s" for name, took in made.seconds.items())
    drill.steps.append(("backup", time.monotonic() - begun, said))
    return made.path


def make_key(home: Path) -> Path:
    """Make a key pair of GnuPG without a passphrase in a home of its own; return the file of its public half."""
    home.mkdir(mode=0o700)
    words = [programs.found("gpg"), "--homedir", str(home), "--batch", "--quiet"]
    new = [
        "--passphrase",
        "",
        "--quick-gen-key",
        "drill@example.invalid",
        "future-default",
        "default",
        "never",
    ]
    programs.run([*words, *new])
    public = home / "public.asc"
    programs.run([*words, "--armor", "--output", str(public), "--export"])
    return public


@contextmanager
def fresh_database(place: Path) -> Iterator[dict[str, str]]:
    """The environment of an installation with an empty database and storage, which end with the caller."""
    env = {
        "VAR_DIR": str(place / "var"),
        "MEDIA_DIR": str(place / "media"),
        "MEDIA_STORAGE": "",
        "REDIS_URL": "",
        # `restore` would connect as the owner to the real database.
        "MIGRATE_DATABASE_URL": "",
    }
    (place / "var").mkdir(exist_ok=True)
    if connection.vendor != "postgresql":
        yield {**env, "DATABASE_URL": ""}
        return
    drop_left()
    number = secrets.randbits(BITS)
    name = f"{PREFIX}{number:0{BITS // 4}x}"
    # Before the database is there: another drill never finds it without the lock.
    hold_number(number)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}"')
    except ProgrammingError as error:
        let_go_number(number)
        raise MayNotCreateDatabase from error
    try:
        yield {**env, "DATABASE_URL": _address(name)}
    finally:
        _drop(name)
        let_go_number(number)


def drop_left() -> list[str]:
    """Drop the databases of killed drills; return their names.

    These are databases of this role with the name of a drill, whose lock nobody holds: it ends with the connection of the drill.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database JOIN pg_roles r ON r.oid = datdba WHERE r.rolname = current_user"
        )
        found = [name for (name,) in cursor.fetchall() if NAME.fullmatch(name)]
    living = _living()
    left = [name for name in found if int(name.removeprefix(PREFIX), 16) not in living]
    for name in left:
        _drop(name)
    return left


def _living() -> set[int]:
    """Return the numbers that drills hold, also those of other sites on this server.

    PostgreSQL keeps these locks apart by database: to take one would succeed although another site holds it. The list has all.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1"
        )
        return {number for (number,) in cursor.fetchall()}


def _drop(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _address(name: str) -> str:
    """Return the address of another database of this server."""
    facts = connection.settings_dict
    options = dict(facts.get("OPTIONS", {}))
    host = str(facts.get("HOST") or "")
    if host.startswith("/"):
        options["host"], host = host, ""
    login = quote(str(facts.get("USER") or ""), safe="")
    password = f":{quote(str(facts['PASSWORD']), safe='')}" if facts.get("PASSWORD") else ""
    port = f":{facts['PORT']}" if facts.get("PORT") and host else ""
    return f"postgresql://{login}{password}@{host}{port}/{name}?{urlencode(options)}"


def _run(drill: Drill, step: str, words: list[str], env: Mapping[str, str]) -> bool:
    """Run a command in a process of its own; note what it said. Return whether it succeeded."""
    begun = time.monotonic()
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *words]
    done = subprocess.run(command, env=env, cwd=settings.BASE_DIR, capture_output=True, text=True)
    said = [
        line for line in (done.stdout if not done.returncode else done.stderr).splitlines() if line.strip()
    ]
    drill.steps.append((step, time.monotonic() - begun, said[-1].strip() if said else ""))
    if done.returncode:
        drill.failed = f"{step}: {' / '.join(said[-5:])}"
    return not done.returncode
