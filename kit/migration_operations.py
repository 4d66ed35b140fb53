"""Operations of migrations that do not keep others from writing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddIndex
from django.db.migrations.state import ProjectState


class AddIndexBesideWrites(AddIndexConcurrently):
    """Build an index while rows are written: CONCURRENTLY on PostgreSQL, as always on SQLite. The migration needs `atomic = False`."""

    concurrently = True

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        with _patience(schema_editor, self.index.name):
            self._kind(schema_editor).database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        self._kind(schema_editor).database_backwards(self, app_label, schema_editor, from_state, to_state)

    def _kind(self, schema_editor: BaseDatabaseSchemaEditor) -> Any:
        return AddIndexConcurrently if schema_editor.connection.vendor == "postgresql" else AddIndex


@contextmanager
def _patience(schema_editor: BaseDatabaseSchemaEditor, index: str) -> Iterator[None]:
    """Wait for older transactions as long as they take, which keeps nobody waiting; drop what a build left that was ended."""
    if schema_editor.connection.vendor != "postgresql" or schema_editor.collect_sql:
        yield
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        (before,) = cursor.fetchone()
        cursor.execute("SET lock_timeout = 0")
        try:
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(index)}")
            yield
        finally:
            cursor.execute(f"SET lock_timeout = '{before}'")
