"""Cursor pagination: each page begins after the last row of the previous one, so that no row is repeated or skipped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Q
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from api.problems import InvalidQuery

PAGE_SIZE, LARGEST_PAGE, LONGEST_CURSOR = 50, 200, 1000


@dataclass(frozen=True)
class Key:
    """One field of a list's order. With `nullable`, rows without a value come last. The last key of a list is unique."""

    name: str
    descending: bool = False
    nullable: bool = False

    def order(self, backwards: bool) -> Any:
        """Return what `order_by` takes."""
        descending = self.descending != backwards
        if not self.nullable:
            return f"-{self.name}" if descending else self.name
        nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
        return F(self.name).desc(**nulls) if descending else F(self.name).asc(**nulls)

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})

    def beyond(self, value: Any, backwards: bool) -> Q | None:
        """Return the rows that come after the value in the direction of reading; None where there are none."""
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if backwards else None
        found = Q(**{f"{self.name}__{'lt' if self.descending != backwards else 'gt'}": value})
        return found | Q(**{f"{self.name}__isnull": True}) if self.nullable and not backwards else found

    def not_before(self, value: Any, backwards: bool) -> Q:
        """Return a condition that bounds the rows by the key alone, which an index can follow."""
        if self.nullable:
            return Q()
        return Q(**{f"{self.name}__{'lte' if self.descending != backwards else 'gte'}": value})

    def value(self, row: Any) -> Any:
        """Return the key's value of a model instance or of a mapping."""
        if isinstance(row, Mapping):
            return row[self.name]
        return reduce(getattr, self.name.split("__"), row)


@dataclass(frozen=True)
class Cursor:
    """A row's place in the order, and whether the page lies before it. `inclusive` pages hold the row itself."""

    values: Sequence[Any]
    backwards: bool = False
    inclusive: bool = False

    def condition(self, keys: Sequence[Key]) -> Q:
        found: Q | None = None
        same = Q()
        for key, value in zip(keys, self.values, strict=True):
            beyond = key.beyond(value, self.backwards)
            if beyond is not None:
                found = same & beyond if found is None else found | (same & beyond)
            same &= key.same(value)
        if self.inclusive:
            found = same if found is None else found | same
        # The last key is unique and has a value, so that something is always found here.
        return keys[0].not_before(self.values[0], self.backwards) & (found or Q())

    def sealed(self, salt: str) -> str:
        """Return the text of the link. It is signed: a cursor that was not given out is refused instead of guessed at."""
        return signing.dumps([list(self.values), self.backwards, self.inclusive], salt=salt, serializer=Json)

    @classmethod
    def opened(cls, text: str, salt: str, keys: Sequence[Key]) -> "Cursor":
        """Raise InvalidQuery for a text that is no cursor of this list."""
        try:
            values, backwards, inclusive = signing.loads(text, salt=salt)
        except signing.BadSignature:
            raise InvalidQuery(_bad_cursor()) from None
        if len(values) != len(keys):
            raise InvalidQuery(_bad_cursor())
        return cls(values, backwards, inclusive)


class Json(signing.JSONSerializer):
    """With days and moments."""

    def dumps(self, obj: Any) -> bytes:
        return DjangoJSONEncoder(separators=(",", ":")).encode(obj).encode("latin-1")


def _bad_cursor() -> dict[str, list[ErrorDetail]]:
    sentence = _("This is no cursor of this list. Follow the links next and previous, or begin without it.")
    return {"cursor": [ErrorDetail(sentence, code="invalid")]}


class CursorPagination(BasePagination):
    """`next` and `previous` are whole addresses, or null; the view gives `order`, the keys of its list."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request, self.keys, self.salt = request, view.order, f"api.cursor:{request.path}"
        size, text = view.query["page_size"], view.query.get("cursor")
        self.cursor = Cursor.opened(text, self.salt, self.keys) if text else None
        backwards = bool(self.cursor and self.cursor.backwards)
        rows = queryset.filter(self.cursor.condition(self.keys)) if self.cursor else queryset
        found = list(rows.order_by(*(key.order(backwards) for key in self.keys))[: size + 1])
        self.has_more = len(found) > size
        self.rows = found[:size][:: -1 if backwards else 1]
        return self.rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self._link(False), "previous": self._link(True), "results": data})

    def _link(self, backwards: bool) -> str | None:
        """Return the address of the page in this direction."""
        read_backwards = bool(self.cursor and self.cursor.backwards)
        there_is = self.has_more if backwards == read_backwards else self.cursor is not None
        if not there_is:
            return None
        if self.rows:
            row = self.rows[0 if backwards else -1]
            cursor = Cursor([key.value(row) for key in self.keys], backwards)
        else:  # The rows of this page are gone: back to the row that it began after.
            assert self.cursor is not None
            cursor = Cursor(self.cursor.values, backwards, inclusive=not self.cursor.inclusive)
        query = {**self.request.query_params.dict(), "cursor": cursor.sealed(self.salt)}
        return self.request.build_absolute_uri(f"{self.request.path}?{urlencode(query)}")

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }
