"""Paging through lists that grow with the nation: nothing is counted to its end."""

from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator

MOST = 1000


class CappedPaginator(Paginator):
    """Pages of one queryset, or of several that follow one another. Counts to `MOST` and no further.

    Whoever has more finds than that narrows the search instead of turning fifty pages.
    """

    def __init__(self, *parts: Any, per_page: int) -> None:
        super().__init__(parts[0], per_page)
        self.parts = parts

    @cached_property
    def lengths(self) -> list[int]:
        """How many rows of each part are looked at: together at most one more than `MOST`."""
        found: list[int] = []
        for part in self.parts:
            left = MOST + 1 - sum(found)
            found.append(part[:left].count() if left else 0)
        return found

    @cached_property
    def count(self) -> int:  # type: ignore[override]
        return min(sum(self.lengths), MOST)

    @property
    def is_capped(self) -> bool:
        """There are more than the pages show."""
        return sum(self.lengths) > MOST

    def page(self, number: Any) -> Page:
        number = self.validate_number(number)
        bottom = (number - 1) * self.per_page
        top = min(bottom + self.per_page, self.count)
        rows: list[Any] = []
        passed = 0
        for part, length in zip(self.parts, self.lengths, strict=True):
            first, last = max(bottom - passed, 0), min(top - passed, length)
            if first < last:
                rows.extend(part[first:last])
            passed += length
        return self._get_page(rows, number, self)
