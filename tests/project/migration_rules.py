"""What a migration may do beside a running site: expand, migrate, contract (docs/upgrading.md)."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.models.fields import NOT_PROVIDED

# The last migration of each app that is released with 1.1 or before: an upgrade to it stops the site for a moment.
RELEASED = {
    "accounts": 39,
    "audit": 19,
    "notices": 19,
    "files": 9,
    "jobs": 9,
    "bulletin": 9,
    "courses": 45,
    "hours": 19,
    "api": 9,
    "backup": 1,
}
SAFE = "safe_because"
# What leaves the release before without what it reads.
LOSING = (
    operations.RemoveField,
    operations.DeleteModel,
    operations.RenameField,
    operations.RenameModel,
    operations.AlterModelTable,
)


def judged() -> Iterator[Migration]:
    """Yield the migrations of our own apps that are not released yet."""
    loader = MigrationLoader(None)
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if (Path(settings.BASE_DIR) / app).is_dir() and number_of(name) > RELEASED.get(app, 0):
            yield migration


def number_of(name: str) -> int:
    return int(name.partition("_")[0])


def wrongs(migration: Migration) -> Iterator[str]:
    """Yield a sentence for each operation that is refused."""
    if getattr(migration, SAFE, ""):
        return
    new = {op.name_lower for op in migration.operations if isinstance(op, operations.CreateModel)}
    for op in migration.operations:
        if (why := _wrong(op, new)) is not None:
            yield f"{migration.app_label}.{migration.name}: {op.describe()}: {why}"
    kinds = {type(op) for op in migration.operations}
    if operations.RunPython in kinds and kinds - {operations.RunPython}:
        yield f"{migration.app_label}.{migration.name}: data and tables are changed in one transaction; make two migrations"


def _wrong(op: operations.base.Operation, new: set[str]) -> str | None:
    if isinstance(op, LOSING):
        return "the release before still reads it; remove it one release after its last use, and say so in safe_because"
    if getattr(op, "model_name_lower", "") in new:
        return None
    if isinstance(op, operations.AddField):
        return _wrong_field(op.field)
    if isinstance(op, operations.AlterField) and not op.field.null and op.field.db_default is NOT_PROVIDED:
        return "the table is read or written anew under a lock; add a column instead, or say in safe_because why not"
    if isinstance(op, operations.AddIndex) and not getattr(op, "concurrently", False):
        return "writes wait until the index is built; use kit.migration_operations.AddIndexBesideWrites"
    if isinstance(op, operations.AddConstraint):
        return "the whole table is checked under a lock; add it as not valid, validate it in the next migration, or say in safe_because why not"
    return None


def _wrong_field(field: "models.Field[object, object]") -> str | None:
    if field.null or field.many_to_many or field.db_default is not NOT_PROVIDED:
        return None
    return "the release before writes rows without it; make it nullable or give it a db_default"
