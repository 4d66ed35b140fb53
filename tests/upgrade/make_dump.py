"""`python -m tests.upgrade.make_dump`: write the dumps again, from the code of the revision in git.

The dumps are made once; they change only when a later revision takes their place.
"""

import gzip
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests import servers
from tests.upgrade.environment import FOLDER, REVISION, dump_of, environment, facts_of

ROOT = FOLDER.parents[1]


def check_out(folder: Path) -> None:
    packed = subprocess.run(["git", "archive", REVISION], cwd=ROOT, capture_output=True, check=True).stdout
    folder.mkdir(parents=True, exist_ok=True)
    # Python before 3.11.4 unpacks without a filter only.
    subprocess.run(["tar", "-x", "-C", str(folder)], input=packed, check=True)


def fill(code: Path, var: Path, database_url: str) -> str:
    """Fill a new database with the old code; return the facts."""
    return subprocess.run(
        [sys.executable, str(FOLDER / "fill.py")],
        cwd=code,
        env=environment(code, var, database_url),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def sqlite_statements(database: Path) -> Iterable[str]:
    with sqlite3.connect(database) as connection:
        return list(connection.iterdump())


def postgresql_statements(database_url: str) -> Iterable[str]:
    """As plain INSERTs, which need no psql. Lines with a backslash are commands of psql."""
    program = servers.postgres_programs() / "pg_dump"
    options = ["--inserts", "--rows-per-insert=50", "--no-owner", "--no-privileges", "--no-comments"]
    said = subprocess.run(
        [str(program), *options, database_url], capture_output=True, text=True, check=True
    ).stdout
    return [line for line in said.splitlines() if not line.startswith(("\\", "--")) and line]


def write(database: str, statements: Iterable[str], facts: str) -> None:
    text = "\n".join(statements) + "\n"
    dump_of(database).write_bytes(gzip.compress(text.encode(), mtime=0))
    facts_of(database).write_text(facts)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        code, var = Path(folder, "code"), Path(folder, "var")
        check_out(code)
        facts = fill(code, var, "")
        write("sqlite", sqlite_statements(var / "inservice.sqlite3"), facts)
        with servers.postgres() as url:
            facts = fill(code, var, url)
            write("postgresql", postgresql_statements(url), facts)


if __name__ == "__main__":
    main()
