"""The sets in the cluster: made when missing, brought up to date with the migrations when they are there."""

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection

from bench.generate import add_copies, load
from bench.sizes import SIZES


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


def loaded() -> list[str]:
    """Sizes whose set is complete."""
    with database("postgres"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database d WHERE datname LIKE 'bench\\_%' AND shobj_description(d.oid, 'pg_database') LIKE 'loaded%'"
        )
        found = {name.removeprefix("bench_") for (name,) in cursor.fetchall()}
    return [size for size in SIZES if size in found]


def ensure(uri: str, size: str, *, seed: int, units: Iterable[str]) -> None:
    """Load a set that is missing or half loaded; migrate one that is there."""
    name = f"bench_{size}"
    there = size in loaded()
    base = SIZES[size].base if SIZES[size].base in loaded() else ""
    started = time.monotonic()
    if not there:
        with database("postgres"), connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            template = f'"bench_{base}" STRATEGY file_copy' if base else "template0 ENCODING utf8"
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE {template}')
    with database(name):
        call_command("migrate", verbosity=0)
        if there:
            return
        print(f"loading {size} …", file=sys.stderr, flush=True)
        if base:
            add_copies(size)
        else:
            load(size, seed=seed, units=list(units))
        seconds = round(time.monotonic() - started)
    with database("postgres"), connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON DATABASE \"{name}\" IS 'loaded in {seconds} s'")
    print(f"  {size} loaded in {seconds} s", file=sys.stderr, flush=True)
