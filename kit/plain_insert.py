"""Insert one row by a statement that is built once for each model: a third of the cost of `Model.save`, for acts that come in crowds (docs/adr/0016)."""

from functools import cache
from typing import Any

from django.db import connection, models

# Fields whose values the drivers of both databases take as they are.
_PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.ForeignKey)


def insert(row: models.Model) -> None:
    """Insert a new row with a primary key that the database numbers, and set it, as `row.save(force_insert=True)` does.

    No signals are sent, and every column is written from the row itself, not by a default of the database.
    """
    statement, plain, others = _statement(type(row))
    values = [getattr(row, name) for name in plain]
    values += [field.get_db_prep_save(getattr(row, str(field.attname)), connection) for field in others]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias


@cache
def _statement(model: type[models.Model]) -> tuple[str, list[str], list["models.Field[Any, Any]"]]:
    """Return the statement, and the columns of its values in their order: the plain ones and the others."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    plain = [field for field in fields if isinstance(field, _PLAIN)]
    others = [field for field in fields if field not in plain]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in plain + others)
    table, key = (
        connection.ops.quote_name(str(name)) for name in (model._meta.db_table, model._meta.pk.column)
    )
    marks = ", ".join(["%s"] * len(fields))
    text = f"INSERT INTO {table} ({columns}) VALUES ({marks}) RETURNING {key}"  # noqa: S608 - names of our own columns
    return text, [str(field.attname) for field in plain], others
