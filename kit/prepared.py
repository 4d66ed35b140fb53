"""Questions that are asked thousands of times a minute: written into SQL once, then asked with other values (docs/adr/0015).

    OPEN = Prepared(lambda: Course.objects.filter(code=Param("code", CharField())))
    OPEN.rows(code="1234567")

Building a statement costs Django several times what sending it does. A question that is asked at every request is therefore kept as the
queryset that it is, and built at its first asking only.
"""

from collections.abc import Callable
from copy import copy
from typing import Any, Generic, TypeVar

from django.db import connections, router, transaction
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql import Query, UpdateQuery
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.constants import ROW_COUNT
from django.db.transaction import TransactionManagementError
from django.utils.functional import cached_property

Row = TypeVar("Row")


class Param(Expression):
    """The place of a value that is told when the question is asked, under its name."""

    def __init__(self, name: str, output_field: "Field[Any, Any]") -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:
        return "%s", [self]


class _Statement:
    """A compiler whose SQL is written, with the places of its values."""

    def __init__(self, compiler: SQLCompiler) -> None:
        self.compiler = compiler
        self.sql, self.parameters = compiler.as_sql()

    def bound(self, alias: str, values: dict[str, Any]) -> SQLCompiler:
        """The compiler of this thread's connection, which sends the written SQL with these values. KeyError: one is missing."""
        bound, connection = copy(self.compiler), connections[alias]
        parameters = tuple(
            one.output_field.get_db_prep_value(values[one.name], connection) if type(one) is Param else one
            for one in self.parameters
        )
        bound.connection = connection
        bound.as_sql = lambda *_, **__: (self.sql, parameters)  # type: ignore[method-assign]
        return bound


class _Kept:
    """What both kinds share: the queryset, and a statement for each database that is asked."""

    def __init__(self, build: Callable[[], QuerySet[Any, Any]]) -> None:
        self._build = build
        self._written: dict[str, _Statement] = {}

    @cached_property
    def queryset(self) -> QuerySet[Any, Any]:
        return self._build()

    def _query(self) -> Query:
        # Compiling joins tables into it: two threads that ask for the first time must not share it.
        return self.queryset.query.clone()

    def _bound(self, alias: str, values: dict[str, Any]) -> SQLCompiler:
        if alias not in self._written:
            self._written[alias] = _Statement(self._query().get_compiler(alias))
        return self._written[alias].bound(alias, values)


class Prepared(_Kept, Generic[Row]):
    """A question. `build` answers its queryset, with a `Param` for each value that differs from one asking to the next.

    Whatever else stands in the queryset is kept as it is at the first asking: a day or a person must be a `Param`.
    """

    def __init__(self, build: Callable[[], QuerySet[Any, Row]]) -> None:
        super().__init__(build)

    def rows(self, **values: Any) -> list[Row]:
        """The answer, asked afresh. TransactionManagementError: a question that locks its rows, outside a transaction."""
        asked = self.queryset.all()
        bound = self._bound(asked.db, values)
        if self.queryset.query.select_for_update and bound.connection.get_autocommit():
            raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
        asked.query.get_compiler = lambda *_, **__: bound  # type: ignore[method-assign]
        return list(asked)

    def first(self, **values: Any) -> Row | None:
        """The first row, or None."""
        return next(iter(self.rows(**values)), None)


class PreparedUpdate(_Kept):
    """A conditional change: `update` of `build`'s queryset, whose conditions and new values may hold `Param`s."""

    def __init__(self, build: Callable[[], QuerySet[Any, Any]], **update: Any) -> None:
        super().__init__(build)
        self._update = update

    def __call__(self, **values: Any) -> int:
        """How many rows were changed."""
        alias = router.db_for_write(self.queryset.model)
        bound = self._bound(alias, values)
        with transaction.mark_for_rollback_on_error(using=alias):
            return int(bound.execute_sql(ROW_COUNT))  # type: ignore[arg-type]

    def _query(self) -> Query:
        query = self.queryset.query.chain(UpdateQuery)
        query.add_update_values(self._update)
        return query
