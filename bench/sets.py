"""The sets in the cluster: made when missing, brought up to date with the migrations when they are there."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection

from bench.generate import load


@contextmanager
def database(name: str) -> Iterator[None]:
    """The connection goes to another database for a while."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def ensure(size: str) -> None:
    """Load a set that is missing or half loaded; migrate one that is there. The database of a complete one has a comment."""
    name, started = f"bench_{size}", time.monotonic()
    find = "SELECT shobj_description(oid, 'pg_database') LIKE 'loaded%%' FROM pg_database WHERE datname = %s"
    with database("postgres"), connection.cursor() as cursor:
        cursor.execute(find, [name])
        is_loaded = cursor.fetchone() == (True,)
        if not is_loaded:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING utf8')
    with database(name):
        call_command("migrate", verbosity=0)
        if is_loaded:
            return
        load(size)
    seconds = round(time.monotonic() - started)
    with database("postgres"), connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON DATABASE \"{name}\" IS 'loaded in {seconds} s'")
    print(f"  {size} loaded in {seconds} s", file=sys.stderr, flush=True)
