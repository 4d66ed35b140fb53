"""The programs of other projects: pg_dump, pg_restore, gpg, age. Passwords reach them by their environment only."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from backup.errors import ToolFailed, ToolMissing, ToolTooOld

# What of the settings of a connection libpq's programs read, and from which variable.
_SETTINGS = {
    "NAME": "PGDATABASE",
    "HOST": "PGHOST",
    "PORT": "PGPORT",
    "USER": "PGUSER",
    "PASSWORD": "PGPASSWORD",
}
_OPTIONS = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "passfile": "PGPASSFILE",
    "service": "PGSERVICE",
}  # fmt: skip


def found(name: str) -> str:
    """Return the path of a program. Raise ToolMissing."""
    place = settings.PG_PROGRAMS if name.startswith("pg_") else ""
    path = str(Path(place) / name) if place else shutil.which(name)
    if path is None or not os.access(path, os.X_OK):
        raise ToolMissing(name)
    return path


def postgres_program(name: str) -> str:
    """Return the path of a program of PostgreSQL that is not older than the server. Raise ToolMissing, ToolTooOld."""
    path = found(name)
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"\) (\d+)", said)
    tool, server = int(version[1]) if version else 0, server_version()
    if tool < server:
        raise ToolTooOld(name, tool, server)
    return path


def server_version() -> int:
    """Return the main version of the PostgreSQL server."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10_000


def postgres_environment(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment in which libpq's programs reach the database of a connection's settings."""
    env = dict(os.environ)
    env.update({name: str(facts[key]) for key, name in _SETTINGS.items() if facts.get(key)})
    options = facts.get("OPTIONS", {})
    env.update({name: str(options[key]) for key, name in _OPTIONS.items() if options.get(key)})
    return env


def run(command: Sequence[str], *, env: Mapping[str, str] | None = None) -> None:
    """Run a program to its end. Raise ToolFailed."""
    output(command, env=env)


def output(command: Sequence[str], *, env: Mapping[str, str] | None = None) -> str:
    """Run a program to its end; return what it printed. Raise ToolFailed."""
    done = subprocess.run(command, env=env, capture_output=True, text=True, errors="replace")
    if done.returncode:
        raise ToolFailed(Path(command[0]).name, done.stderr)
    return done.stdout
