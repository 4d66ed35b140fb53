"""Lookups that PostgreSQL runs on an index of its own and SQLite by a scan."""

from typing import Any

from django.db.models import DateField, IntegerField, Lookup, QuerySet, TextField, Transform
from django.db.models.lookups import Contains, In

SHORTEST_GRAM = 2


@TextField.register_lookup
class HasWord(Lookup):
    """Match a word anywhere in the text.

    PostgreSQL first uses the index of character pairs (`courses_grams`, docs/adr/0013): most Chinese searches are words of two
    characters, which a trigram index cannot find. A single character needs a scan.
    """

    lookup_name = "has_word"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        sql: tuple[str, Any] = compiler.compile(Contains(self.lhs, self.rhs))
        return sql

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        if len(self.rhs) < SHORTEST_GRAM:
            return self.as_sql(compiler, connection)
        text, parameters = compiler.compile(self.lhs)
        # strpos, not LIKE: the planner would take the two for independent and think each word far rarer than it is.
        return (
            f"(courses_grams({text}) @> courses_grams(%s) AND strpos({text}, %s) > 0)",
            (*parameters, self.rhs, *parameters, self.rhs),
        )


class AnyOf(In):
    """Like `in`, for thousands of numbers: PostgreSQL gets them as one array, not as thousands of parameters.

    The numbers may be a queryset's primary keys. PostgreSQL then evaluates it first and looks each key up in the index; a join
    would scan a table of some thousand rows.
    """

    lookup_name = "any_of"

    def get_prep_lookup(self) -> Any:
        if isinstance(self.rhs, QuerySet):
            self.rhs = self.rhs.query
        return super().get_prep_lookup()

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, parameters = compiler.compile(self.lhs)
        if self.rhs_is_direct_value():
            return f"{column} = ANY(%s)", (*parameters, list(self.rhs))
        numbers, more = self.process_rhs(compiler, connection)
        return f"{column} = ANY(ARRAY{numbers})", (*parameters, *more)


@DateField.register_lookup
class CivilYear(Transform):
    """The Gregorian year of a day, as SQL that both databases treat as immutable: it is used in a constraint."""

    lookup_name = "civil_year"
    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        day, parameters = compiler.compile(self.lhs)
        return f"CAST(substr({day}, 1, 4) AS integer)", parameters

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        day, parameters = compiler.compile(self.lhs)
        return f"EXTRACT(YEAR FROM {day})::integer", parameters
