"""Paging for very long lists: they are never counted to the end, and only the page's own rows are fetched in full."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.functional import SimpleLazyObject

from kit.numbers import whole_number

# How many finds the first pages look for, and how many can be paged through at all.
NEAR, MOST = 100, 1000


class ShortPaginator(Paginator):
    """Pages of a list that mostly fits on one: its first page is read at once, and rows are counted only where there are more."""

    @cached_property
    def beginning(self) -> list[Any]:
        """The rows of the first page, and one more if there is one."""
        return list(self.object_list[: self.per_page + 1])

    @cached_property
    def count(self) -> int:
        found = len(self.beginning)
        return found if found <= self.per_page else super().count

    def page(self, number: Any) -> Page[Any]:
        if self.validate_number(number) == 1:
            return Page(self.beginning[: self.per_page], 1, self)
        return super().page(number)


class CountedPaginator(Paginator):
    """Pages of rows whose number is known: no statement counts them."""

    def __init__(self, rows: Any, number: int, per_page: int) -> None:
        super().__init__(rows, per_page)
        self.number = number

    @cached_property
    def count(self) -> int:
        return self.number


class CappedPaginator(Paginator):
    """Pages of `rows`, in the order of one queryset or of several that follow one another, which `ordered` returns.

    Numbers first, rows after: joins and wide columns are read for one page, not for everything that is sorted. It reads only a
    few pages ahead of the requested one, so a common word costs as much in a nation as in a county. The rows are read when the page is
    first looked at.
    """

    def __init__(
        self,
        rows: Any,
        ordered: Callable[[], Iterable[Any]],
        *,
        per_page: int,
        requested: str | None = None,
        cached_by: Callable[[Callable[[], list[int]]], list[int]] | None = None,
    ) -> None:
        """`cached_by` returns the primary keys that it was given a function to read, or has kept them."""
        super().__init__(rows, per_page)
        self.cached_by = cached_by
        self.rows, self.ordered, self.requested = rows, ordered, requested
        number = whole_number(requested, 1)
        self.most = min(max(NEAR, (number + 2) * per_page), MOST)

    def requested_page(self) -> Page[Any]:
        return self.get_page(self.requested)

    @cached_property
    def numbers(self) -> list[int]:
        """Primary keys in order: at most one more than is looked for."""
        return self.cached_by(self._read_numbers) if self.cached_by else self._read_numbers()

    def _read_numbers(self) -> list[int]:
        found: list[int] = []
        for part in self.ordered():
            if left := self.most + 1 - len(found):
                found += part.values_list("pk", flat=True)[:left]
        return found

    @cached_property
    def count(self) -> int:
        return min(len(self.numbers), self.most)

    @property
    def is_capped(self) -> bool:
        """There are more than were looked for."""
        return len(self.numbers) > self.most

    def page(self, number: Any) -> Page[Any]:
        number = self.validate_number(number)
        return Page(SimpleLazyObject(lambda: self._rows_of(self.numbers_of(number))), number, self)

    def numbers_of(self, number: int) -> list[int]:
        """Return the primary keys of a page, for a caller that does not need every row."""
        return self.numbers[: self.most][(number - 1) * self.per_page :][: self.per_page]

    def _rows_of(self, wanted: list[int]) -> list[Any]:
        rows = self.rows.in_bulk(wanted) if wanted else {}
        return [rows[pk] for pk in wanted if pk in rows]
