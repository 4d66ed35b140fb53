"""Read models together with those they refer to by a statement that is written out (docs/adr/0048).

`select_related` builds and compiles its statement anew at each request: for a course with its unit and its handlers that takes longer
than the database needs for it. A `JoinedRows` is the statement beside such a queryset, and returns the same objects.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

from django.db import connection
from django.db.models import Field, Model

M = TypeVar("M", bound=Model)
Reader = Callable[[Any], Any]
SEPARATOR = "__"


@dataclass(frozen=True)
class Part:
    """The columns `first` to `last` of a row, which make one object: that of the row, or the one at the end of a path."""

    path: str
    model: type[Model]
    fields: "tuple[Field[Any, Any], ...]"
    first: int

    @property
    def alias(self) -> str:
        return self.path or str(self.model._meta.model_name)

    @property
    def columns(self) -> list[str]:
        # Quoted, as "user" is a word of PostgreSQL's.
        return [f'"{self.alias}"."{column.column}"' for column in self.fields]

    @cached_property
    def names(self) -> list[str]:
        return [column.attname for column in self.fields]

    @cached_property
    def last(self) -> int:
        return self.first + len(self.fields)

    @cached_property
    def key(self) -> int:
        return self.first + next(place for place, column in enumerate(self.fields) if column.primary_key)

    @cached_property
    def holder(self) -> str:
        """The path of the object that refers to this one."""
        return self.path.rpartition(SEPARATOR)[0]

    @cached_property
    def attribute(self) -> str:
        return self.path.rpartition(SEPARATOR)[2]


@dataclass(frozen=True)
class JoinedRows(Generic[M]):
    """A SELECT whose rows are objects of a model, each with the objects at the end of the paths of `related`.

    In `statement`, `{columns}` is where the columns of all of them are. The table of the model has its name in lower case as alias
    (`course`), the others have their path (`handler__user`). Further columns become attributes of the row; `more` has the fields of those
    that are moments, days or decimals. `only` and `defer` are those of the queryset. Values are parameters by name, never part of the text;
    a list is that of `IN %(name)s`, and without a value in it no row is found.
    """

    model: type[M]
    related: tuple[str, ...]
    statement: str
    only: Collection[str] = ()
    defer: Collection[str] = ()
    more: "Mapping[str, Field[Any, Any]]" = field(default_factory=dict)

    def all(self, **values: Any) -> list[M]:
        """Return the rows. An object to which several of them refer is one object."""
        statement, bound = _with_lists(self.sql, values)
        with connection.cursor() as cursor:
            cursor.execute(statement, {name: _bound(value) for name, value in bound.items()})
            names = [column[0] for column in cursor.description[self.parts[-1].last :]]
            more = [(name, reader_of(self.more[name]) if name in self.more else None) for name in names]
            known: dict[tuple[str, Any], Model] = {}
            return [self._object(row, more, known) for row in cursor.fetchall()]

    def get(self, **values: Any) -> M:
        """Return the first row. Raise the model's DoesNotExist if there is none."""
        found = self.all(**values)
        if not found:
            raise cast(Any, self.model).DoesNotExist
        return found[0]

    @cached_property
    def sql(self) -> str:
        columns = ", ".join(column for part in self.parts for column in part.columns)
        return self.statement.replace("{columns}", columns)

    @cached_property
    def parts(self) -> list[Part]:
        found: list[Part] = []
        for path in ("", *self.related):
            model: Any = self.model
            for name in filter(None, path.split(SEPARATOR)):
                model = model._meta.get_field(name).related_model
            fields = tuple(column for column in model._meta.concrete_fields if self._is_read(path, column))
            found.append(Part(path, model, fields, found[-1].last if found else 0))
        return found

    def _is_read(self, path: str, column: Any) -> bool:
        name = SEPARATOR.join(filter(None, (path, column.name)))
        names = {name, SEPARATOR.join(filter(None, (path, column.attname)))}
        if column.primary_key or name in self.related:
            return True
        return names.isdisjoint(self.defer) and (not self.only or not names.isdisjoint(self.only))

    @cached_property
    def readers(self) -> list[list[tuple[int, Reader]]]:
        """Which values of each part have to be converted, and how: on PostgreSQL those of the fields that do so themselves."""
        return [
            [(place, read) for place, column in enumerate(part.fields) if (read := reader_of(column))]
            for part in self.parts
        ]

    def _object(
        self,
        row: tuple[Any, ...],
        more: Iterable[tuple[str, Reader | None]],
        known: dict[tuple[str, Any], Model],
    ) -> M:
        made: dict[str, Model | None] = {}
        for part, readers in zip(self.parts, self.readers, strict=True):
            key = (part.path, row[part.key])
            found = known.get(key)
            if found is None and row[part.key] is not None:
                found = known[key] = _read(part, row, readers)
            made[part.path] = found
            holder = made[part.holder] if part.path else None
            if holder is not None and found is not None:
                setattr(holder, part.attribute, found)
        item = cast(M, made[""])
        for (name, read), value in zip(more, row[self.parts[-1].last :], strict=True):
            setattr(item, name, read(value) if read and value is not None else value)
        return item


def _with_lists(statement: str, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return a statement with a parameter for each value of a list, and the values by their names."""
    bound: dict[str, Any] = {}
    for name, value in values.items():
        if not isinstance(value, list):
            bound[name] = value
            continue
        each = {f"{name}_{place}": one for place, one in enumerate(value)}
        places = ", ".join(f"%({one})s" for one in each) or "NULL"
        statement = statement.replace(f"%({name})s", f"({places})")
        bound |= each
    return statement, bound


def _bound(value: Any) -> Any:
    """Return a value as the driver takes it."""
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def _read(part: Part, row: tuple[Any, ...], readers: Iterable[tuple[int, Reader]]) -> Model:
    values = list(row[part.first : part.last])
    for place, read in readers:
        if values[place] is not None:
            values[place] = read(values[place])
    return part.model.from_db(connection.alias, part.names, values)


def reader_of(column: Any) -> Reader | None:
    """Return what makes a value of the driver one of the field; None if it is one already."""
    if own := getattr(column, "from_db_value", None):
        return lambda value: own(value, None, connection)
    if connection.vendor == "postgresql":
        return None
    return lambda value: _aware(column.to_python(value))


def _aware(value: Any) -> Any:
    """SQLite keeps moments in UTC, without a zone."""
    is_naive = isinstance(value, datetime) and value.tzinfo is None
    return value.replace(tzinfo=UTC) if is_naive else value
