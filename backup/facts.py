"""What a backup holds about its database, to be compared after the restore: rows a table, the ledger, the heads of the record's chains.

Plain SQL, so that a database of an earlier version is described by the same code.
"""

from decimal import Decimal
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from audit.models import AuditChain
from files.models import StoredFile
from hours.models import HourCredit

Facts = dict[str, Any]
# Path and digest of each file of people.
Files = list[tuple[str, str]]


def tables_of(connection: BaseDatabaseWrapper) -> list[str]:
    with connection.cursor() as cursor:
        return sorted(connection.introspection.table_names(cursor))


def has_migrations(connection: BaseDatabaseWrapper) -> bool:
    """Return whether any migration is recorded; a restore records them at its end."""
    if "django_migrations" not in tables_of(connection):
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM django_migrations)")
        return bool(cursor.fetchone()[0])


def facts_of(connection: BaseDatabaseWrapper) -> Facts:
    """Return the facts of the database behind `connection`, as it sees it now."""
    tables = tables_of(connection)
    with connection.cursor() as cursor:
        counts = {}
        for name in tables:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")
            counts[name] = cursor.fetchone()[0]
        return {
            "tables": counts,
            "hours": _hours(cursor) if HourCredit._meta.db_table in counts else "0",
            "seals": _seals(cursor) if AuditChain._meta.db_table in counts else {},
            "migrations": _migrations(cursor) if "django_migrations" in counts else [],
        }


def files_of(connection: BaseDatabaseWrapper) -> Files:
    """Return the files of people that the database behind `connection` says are present."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT path, digest FROM {StoredFile._meta.db_table} WHERE deleted_at IS NULL ORDER BY id"
        )
        return list(cursor.fetchall())


def _hours(cursor: Any) -> str:
    cursor.execute(f"SELECT coalesce(sum(hours), 0) FROM {HourCredit._meta.db_table}")
    return str(Decimal(str(cursor.fetchone()[0])).quantize(Decimal("0.1")))


def _seals(cursor: Any) -> dict[str, list[Any]]:
    table = AuditChain._meta.db_table
    cursor.execute(f"SELECT kind, blocks, events, last_digest FROM {table} ORDER BY kind")
    return {kind: [blocks, events, digest] for kind, blocks, events, digest in cursor.fetchall()}


def _migrations(cursor: Any) -> list[str]:
    cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
    return [f"{app}.{name}" for app, name in cursor.fetchall()]


def differences(made: Facts, found: Facts) -> list[str]:
    """Return a line for everything that a restored database has differently from its backup."""
    lines = [
        f"table {name}: {found['tables'].get(name, 'missing')} rows, the backup says {count}"
        for name, count in made["tables"].items()
        if found["tables"].get(name) != count
    ]
    lines += [f"table {name} is not in the backup" for name in found["tables"] if name not in made["tables"]]
    if found["hours"] != made["hours"]:
        lines.append(f"hours issued: {found['hours']}, the backup says {made['hours']}")
    for kind, head in made["seals"].items():
        if found["seals"].get(kind) != list(head):
            lines.append(f"chain {kind} of the record: another head than the backup says")
    if found["migrations"] != made["migrations"]:
        lines.append("the list of migrations is not that of the backup")
    return lines
