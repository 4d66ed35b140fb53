"""Migrations beside a running site: the tables stay fit for the processes of the release before (docs/adr/0045).

While `manage.py migrate` changes the tables of an installation on PostgreSQL, a new column without a database default keeps the one that
its rows were filled with, and a column that a migration removes stays if an app has registered it in `LEFT`. `manage.py finish_upgrade`
takes both away when the last old process has ended. A new installation has neither.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import OperationalError, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from django.db.migrations import Migration
from django.db.migrations.operations import AlterField, CreateModel, RemoveField, RunPython
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.fields import NOT_PROVIDED

from kit.locks import lock_whole_tables
from kit.registry import Registry

# For the tables that foreign keys name, and again for those that change: together less than `deadlock_timeout`.
LOCK_MILLISECONDS, LOCK_TRIES, LOCK_PAUSE = 350, 5, 0.3


def _nothing() -> int:
    return 0


@dataclass(frozen=True)
class LeftColumn:
    """A column that this release has no use for and the release before reads and writes.

    `begin` runs when the migration adds the column `begin_with`, `end` when the column goes. `move` takes over what the release before wrote
    after the migration, and returns how many rows; it runs before the column goes.
    """

    default: str = ""
    begin_with: str = ""
    begin: str = ""
    end: str = ""
    move: Callable[[], int] = _nothing


# By table and column: "hours_objection.enrolment_id".
LEFT: Registry[LeftColumn] = Registry("a left column")


class BesideEditor(DatabaseSchemaEditor):
    """Changes tables that the release before goes on using."""

    migration: Migration | None = None

    def __enter__(self) -> "BesideEditor":
        super().__enter__()
        if self.atomic_migration and self.migration:
            lock_tables(self.connection, self.migration)
        return self

    def add_field(self, model: type[models.Model], field: "models.Field[object, object]") -> None:
        super().add_field(model, field)
        table, column = model._meta.db_table, str(field.column)
        if needs_default(field):
            value = self.quote_value(self.effective_default(field))
            self.execute(f"{_alter(self, table, column)} SET DEFAULT {value}", None)
        for name, left in LEFT.items():
            if left.begin and name.partition(".")[0] == table and left.begin_with == column:
                self.execute(left.begin, None)

    def remove_field(self, model: type[models.Model], field: "models.Field[object, object]") -> None:
        table, column = model._meta.db_table, str(field.column)
        left = LEFT.get(f"{table}.{column}")
        if left is None:
            super().remove_field(model, field)
            return
        self.execute(f"{_alter(self, table, column)} DROP NOT NULL", None)
        if left.default:
            self.execute(f"{_alter(self, table, column)} SET DEFAULT {left.default}", None)
        # The rows that it names may be deleted from now on.
        for name in foreign_keys(self.connection, table, column):
            quoted = f"{self.quote_name(table)} DROP CONSTRAINT {self.quote_name(name)}"
            self.execute(f"ALTER TABLE {quoted}", None)


def needs_default(field: "models.Field[object, object]") -> bool:
    """Whether the release before, which does not name the column, would fail to write a row."""
    return bool(
        field.column and not field.null and not field.primary_key and field.db_default is NOT_PROVIDED
    )


def lock_tables(connection: BaseDatabaseWrapper, migration: Migration) -> None:
    """Lock the tables that a migration changes, all at once, so that it waits for nothing while requests wait for it.

    A request that waits for one of them has waited less than PostgreSQL's `deadlock_timeout` (a second) when this gives up, and none is ended
    in a deadlock. Raise OperationalError (57014) when others hold the tables each time.
    """
    changed, named = tables_of(migration)
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
    changed |= _losing_keys(connection, migration, there)
    if {type(op) for op in migration.operations} > {RunPython}:
        # Data and tables in one transaction: which rows is not known.
        changed |= {table for table in there if table.startswith(f"{migration.app_label}_")}
    modes = (
        ("SHARE ROW EXCLUSIVE", sorted(named & there - changed)),
        ("ACCESS EXCLUSIVE", sorted(changed & there)),
    )
    for tries_left in reversed(range(LOCK_TRIES)):
        try:
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {LOCK_MILLISECONDS}")
                for mode, tables in modes:
                    lock_whole_tables(connection, tables, mode)
                cursor.execute("SET LOCAL statement_timeout = DEFAULT")
            return
        except OperationalError:
            if not tries_left:
                raise
            time.sleep(LOCK_PAUSE)


def tables_of(migration: Migration) -> tuple[set[str], set[str]]:
    """Return the tables that a migration changes, and those that its foreign keys name."""
    changed: set[str] = set()
    named: set[str] = set()
    for op in migration.operations:
        if isinstance(op, RunPython) and "table" in op.hints:
            changed.add(op.hints["table"])
        name = getattr(op, "model_name", "") or (op.name if isinstance(op, CreateModel) else "")
        if name:
            changed.add(f"{migration.app_label}_{name.lower()}")
        fields = (
            [field for _, field in op.fields] if isinstance(op, CreateModel) else [getattr(op, "field", None)]
        )
        for field in fields:
            if (target := getattr(field, "remote_field", None)) is not None:
                model = target.model if isinstance(target.model, str) else target.model._meta.label
                # A foreign key is altered by dropping it, which locks the table that it names as well.
                found = changed if isinstance(op, AlterField) else named
                found.add(model.lower().replace(".", "_"))
    return changed, named


def _losing_keys(connection: BaseDatabaseWrapper, migration: Migration, there: set[str]) -> set[str]:
    """Return the tables that a foreign key names which goes with its column: dropping it locks them, too."""
    found = set[str]()
    for op in migration.operations:
        if (
            not isinstance(op, RemoveField)
            or (table := f"{migration.app_label}_{op.model_name_lower}") not in there
        ):
            continue
        with connection.cursor() as cursor:
            facts = connection.introspection.get_constraints(cursor, table).values()
        keys = [one["foreign_key"] for one in facts if one["columns"] == [f"{op.name}_id"]]
        found.update(key[0] for key in keys if key)
    return found


def _alter(editor: DatabaseSchemaEditor, table: str, column: str) -> str:
    return f"ALTER TABLE {editor.quote_name(table)} ALTER COLUMN {editor.quote_name(column)}"


def foreign_keys(connection: BaseDatabaseWrapper, table: str, column: str) -> list[str]:
    """Return the names of the foreign keys of a column."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)
    return [name for name, facts in found.items() if facts["foreign_key"] and facts["columns"] == [column]]


@contextmanager
def beside(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Let migrations keep what the release before needs, where there was a release before."""
    if connection.vendor != "postgresql" or not MigrationRecorder(connection).applied_migrations():
        yield
        return
    usual = connection.SchemaEditorClass
    connection.SchemaEditorClass = BesideEditor
    try:
        yield
    finally:
        connection.SchemaEditorClass = usual


def left_columns(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the registered columns that are still there, as `table.column`."""
    return sorted(LEFT.keys() & _columns(connection).keys())


def leftover_defaults(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    """Return (table, column) of our own models where the database has a default that the model does not require."""
    there = _columns(connection)
    return sorted(
        (model._meta.db_table, str(field.column))
        for model in _own_models()
        for field in model._meta.local_concrete_fields
        if needs_default(field) and there.get(f"{model._meta.db_table}.{field.column}")
    )


def _own_models() -> Iterator[type[models.Model]]:
    from django.apps import apps

    for config in apps.get_app_configs():
        if str(config.path).startswith(f"{settings.BASE_DIR}/") and ".venv" not in config.path:
            yield from config.get_models()


def _columns(connection: BaseDatabaseWrapper) -> dict[str, bool]:
    """Return each column of the database as `table.column`, and whether it has a default."""
    if connection.vendor != "postgresql":
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name || '.' || column_name, column_default IS NOT NULL AND is_identity = 'NO'"
            " FROM information_schema.columns WHERE table_schema = current_schema()"
        )
        return dict(cursor.fetchall())


def drop_left_column(connection: BaseDatabaseWrapper, name: str) -> None:
    table, _, column = name.partition(".")
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        # Keys of rows that were moved before are checked now: a table with checks to come cannot be changed.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        if LEFT[name].end:
            cursor.execute(LEFT[name].end)
        cursor.execute(f"ALTER TABLE {quote(table)} DROP COLUMN {quote(column)}")


def drop_default(connection: BaseDatabaseWrapper, table: str, column: str) -> None:
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {quote(table)} ALTER COLUMN {quote(column)} DROP DEFAULT")
