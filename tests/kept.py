"""States of the database that many tests begin with, built once per process and put back from a copy.

A test that commits leaves nothing behind: Django empties the tables after it. Building the demonstration again for the next one takes
thousands of statements; `state` copies its rows once to a schema beside the tables and puts them back in one statement.
"""

import pickle
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.contenttypes.management import create_contenttypes
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.db import connection, transaction
from django.db.models.signals import post_migrate

T = TypeVar("T")
# Constraints and triggers have judged the rows when they were built; triggers would refuse to delete some.
_UNJUDGED = "SET LOCAL session_replication_role = replica"
OF_THE_MODELS = {"django_content_type", "auth_permission"}
LARGE = 4 * 1024 * 1024
_kept: dict[str, bytes] = {}


def state(name: str, build: Callable[[], T]) -> T:
    """Bring the database into the state that `build` makes and return what it returned, for a test that is not in a transaction.

    `build` may write nothing but rows. Without a superuser of PostgreSQL it is called each time.
    """
    if connection.vendor != "postgresql" or not _is_superuser():
        return build()
    if name not in _kept:
        result = build()
        assert not mail.outbox and not Path(settings.AUDIT_WITNESS).exists(), "a copy holds rows only"
        _copy(f"kept_{len(_kept)}")
        _kept[name] = pickle.dumps(result)
    else:
        _put_back(f"kept_{list(_kept).index(name)}")
    ContentType.objects.clear_cache()
    return pickle.loads(_kept[name])  # type: ignore[no-any-return]


def empty_by_rows() -> None:
    """Let PostgreSQL empty the tables after a test by DELETE where there are rows: TRUNCATE makes a new file for each table and index.

    What Django writes for each model after a migration stays, instead of being deleted and written again.
    """
    if connection.vendor != "postgresql" or not _is_superuser():
        return
    truncate = connection.ops.sql_flush

    def sql_flush(style: Any, tables: list[str], **options: Any) -> list[str]:
        filled = set(tables) & set(_filled())
        if _is_any_large(filled):
            return list(truncate(style, tables, **options))
        return [_UNJUDGED, *_deletes(filled - OF_THE_MODELS)]

    connection.ops.sql_flush = sql_flush
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)


def _deletes(tables: Iterable[str]) -> list[str]:
    return [f'DELETE FROM public."{table}"' for table in tables]


def _is_any_large(tables: Iterable[str]) -> bool:
    """Whether deleted rows would be in the way of the tests that follow."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(pg_relation_size(oid)), 0) FROM pg_class"
            " WHERE relname = ANY(%s) AND relnamespace = 'public'::regnamespace",
            [list(tables)],
        )
        return bool(cursor.fetchone()[0] > LARGE)


def _copy(schema: str) -> None:
    # The databases of the tests may have served another run.
    statements = [f"DROP SCHEMA IF EXISTS {schema} CASCADE", f"CREATE SCHEMA {schema}"]
    for table in _filled():
        statements.append(f'CREATE UNLOGGED TABLE {schema}."{table}" AS TABLE public."{table}"')
    _run(statements)


def _put_back(schema: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, string_agg(quote_ident(column_name), ', ')"
            " FROM information_schema.columns WHERE table_schema = %s GROUP BY 1",
            [schema],
        )
        kept = cursor.fetchall()
    _run(
        [
            *_deletes(_filled()),
            *(
                f'INSERT INTO public."{table}" ({columns}) SELECT {columns} FROM {schema}."{table}"'
                for table, columns in kept
            ),
        ]
    )


def _run(statements: list[str]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(";\n".join([_UNJUDGED, *statements]))


def _filled() -> list[str]:
    """Return the tables that have rows."""
    tables = connection.introspection.django_table_names(only_existing=True)
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(
                f"(SELECT '{table}' WHERE EXISTS (SELECT FROM public.\"{table}\"))" for table in tables
            )
        )
        return [table for (table,) in cursor.fetchall()]


@cache
def _is_superuser() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])
