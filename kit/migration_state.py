"""Which migrations the database lacks."""

import importlib.util
import pkgutil
from functools import cache

from django.apps import apps
from django.db import DatabaseError, connection, connections


class NotMigrated(Exception):
    """The tables are not those of this version; the text says what to do."""


def missing_migrations() -> int:
    """Return how many migrations of this version are not applied. Loads them all: for commands and the operator's page."""
    from django.db.migrations.executor import MigrationExecutor  # megabytes that a web process does without

    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@cache
def needed_migrations() -> frozenset[tuple[str, str]]:
    """Return (app, name) of each migration of this version. The files are listed, not loaded: loading them all costs megabytes."""
    return frozenset(
        (config.label, module.name)
        for config in apps.get_app_configs()
        # A module of that name is something else, as in django_prometheus.
        if (found := importlib.util.find_spec(f"{config.name}.migrations"))
        and found.submodule_search_locations
        for module in pkgutil.iter_modules(found.submodule_search_locations)
        if not module.ispkg and module.name[0] not in "_~"
    )


def require_migrated() -> None:
    """Raise NotMigrated for a database without the tables of this version, DatabaseError for one that is away.

    A restore by several jobs records the migrations last, so that one that was cut off leaves a database without any.
    """
    applied = applied_migrations() if "django_migrations" in connection.introspection.table_names() else set()
    missing = needed_migrations() - applied
    if not applied:
        raise NotMigrated(
            "The database has no migrations: it is empty, or a restore into it has not ended. Run manage.py migrate for a new site; "
            "after a restore that was cut off, drop the database and restore into an empty one."
        )
    if missing:
        raise NotMigrated(
            f"The database lacks {len(missing)} migrations of this version: run manage.py migrate."
        )


def applied_migrations() -> set[tuple[str, str]]:
    """Return (app, name) of each migration that is recorded. Raise DatabaseError also where none ever was: the table is missing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return {(app, name) for app, name in cursor.fetchall()}


def require_migrated_if_there() -> None:
    """Raise NotMigrated at the start of a process. A database that is away may come back; processes outlive that.

    Leaves no connection: workers are forked from the process.
    """
    try:
        require_migrated()
    except DatabaseError:
        return
    finally:
        connections.close_all()
