"""Print the rows of a list by a template that is rendered once for each shape of a row.

A page of fifty rows would render its template fifty times, mostly with the same branches taken. A `RowTemplate` renders it once for
each shape and language, with a placeholder for each text, and puts the texts of each row in the places.

The template reads two variables: `row`, the shape, from which everything is decided, and `text`, the texts of one row. It prints a
text as it is, `{{ text.name }}`, without a filter or a condition; each is escaped when it is put in its place. A shape that is kept
holds nothing of a person.
"""

import re
from collections.abc import Hashable, Iterable, Mapping
from functools import lru_cache
from html import escape
from typing import Any

from django.template.loader import get_template
from django.utils.safestring import SafeData, SafeString, mark_safe
from django.utils.translation import get_language

# How many shapes a process keeps, in all languages, of each template.
MOST_SHAPES = 512
# Letters, digits and hyphens: the same in HTML, in an attribute and in an address.
PLACE = "place-7f3a91c2e5d84b06-{}-"
_PLACES = re.compile(PLACE.format(r"(\w+)"))


class RowTemplate:
    """`names` are those of the texts; `more` is what every row reads besides, such as the choices of a field."""

    def __init__(self, template: str, names: tuple[str, ...], more: Mapping[str, Any] | None = None) -> None:
        self.template, self.names, self.more = template, names, more or {}
        # Of this instance, so that no two templates share their shapes.
        self._kept = lru_cache(maxsize=MOST_SHAPES)(self._parts)

    def print(self, row: Hashable, texts: Mapping[str, str], *, is_kept: bool = True) -> SafeString:
        """Return a row as HTML. With `is_kept` the shape is one of a few, and none of it is about a person."""
        if not is_kept:
            return self.render(row, texts)
        parts = list(self._kept(row, get_language()))
        # Texts and names of places take turns.
        parts[1::2] = [_escaped(texts[name]) for name in parts[1::2]]
        return mark_safe("".join(parts))  # noqa: S308 - the template's own HTML, and texts that were escaped

    def render(self, row: Hashable, texts: Mapping[str, str]) -> SafeString:
        """Return the same by rendering the template for this row alone."""
        return SafeString(get_template(self.template).render({**self.more, "row": row, "text": texts}))

    def _parts(self, row: Hashable, language: str | None) -> tuple[str, ...]:
        """Return the HTML of a shape, cut at the places: the odd ones are the names of the texts."""
        places = {name: PLACE.format(name) for name in self.names}
        return tuple(_PLACES.split(self.render(row, places)))


def joined(rows: Iterable[SafeString]) -> SafeString:
    """Return printed rows as one piece of HTML."""
    return mark_safe("".join(rows))  # noqa: S308 - each row is HTML


def _escaped(text: str) -> str:
    """As Django's `conditional_escape`, which also takes what is no text yet."""
    return text if isinstance(text, SafeData) else escape(text)
