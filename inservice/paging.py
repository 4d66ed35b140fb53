"""Paging through lists that grow with the nation: nothing is counted to its end, and only the page's own rows are fetched whole."""

from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator

MOST = 200


class CappedPaginator(Paginator):
    """Pages of `rows`, in the order of one queryset or of several that follow one another; the first `MOST` and no further.

    Numbers first, rows after: joins and wide columns are read for one page, not for everything that is sorted. Whoever has more finds
    than `MOST` narrows the search instead of turning pages.
    """

    def __init__(self, rows: Any, *ordered: Any, per_page: int) -> None:
        super().__init__(rows, per_page)
        self.ordered = ordered

    @cached_property
    def numbers(self) -> list[int]:
        """Primary keys in order: at most one more than `MOST`."""
        found: list[int] = []
        for part in self.ordered:
            if left := MOST + 1 - len(found):
                found += part.values_list("pk", flat=True)[:left]
        return found

    @cached_property
    def count(self) -> int:  # type: ignore[override]
        return min(len(self.numbers), MOST)

    @property
    def is_capped(self) -> bool:
        """There are more than the pages show."""
        return len(self.numbers) > MOST

    def page(self, number: Any) -> Page:
        number = self.validate_number(number)
        wanted = self.numbers[:MOST][(number - 1) * self.per_page :][: self.per_page]
        rows = self.object_list.in_bulk(wanted) if wanted else {}
        return self._get_page([rows[pk] for pk in wanted if pk in rows], number, self)
