"""Parts of the catalogue that are the same for many readers, kept until a course changes (`kit.table_versions`)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.utils.translation import get_language

from courses.cached_tables import CATALOGUE
from courses.forms.catalogue_filter import CourseFilter
from courses.views.facet_panel import Address
from kit import table_versions

T = TypeVar("T")


@dataclass(frozen=True)
class CachedParts:
    """`question`: all that a part depends on beside the courses. `is_common`: it is the first page of a query that many send."""

    question: str
    is_common: bool

    @classmethod
    def of(cls, found: CourseFilter, address: Address, page: str | None) -> "CachedParts":
        return cls(f"{get_language()}:{urlencode(address)}", found.is_common and not page)

    def cached(self, part: str, read: Callable[[], T], *, is_for_all: bool = True) -> T:
        """Return what `read` returns; it is kept where it is the same `is_for_all`."""
        if not (self.is_common and is_for_all):
            return read()
        return table_versions.cached(CATALOGUE, f"{part}:{self.question}", read)

    def html(
        self, part: str, template: str, context: Callable[[], dict[str, Any]], *, is_for_all: bool = True
    ) -> str:
        return self.cached(part, lambda: render_to_string(template, context()), is_for_all=is_for_all)
