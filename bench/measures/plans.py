"""Every statement of every measured page is explained once, and printed: `bench/results/<date>-plans.md`."""

from collections.abc import Iterator

from bench.harness import Bench, Result, figure
from bench.pages import PAGES, Visit
from bench.plan_book import Book


@figure
def plans(bench: Bench) -> Iterator[Result]:
    book = Book()
    for page in PAGES:
        book.add(page.name, Visit(page).statements())
    asked, whole = len(book.numbers), len(book.whole_scans)
    yield Result(
        "plans", asked - whole, asked, "statements", 1, lower=False, size=bench.size,
        note="without a sequential scan of a table that grows", appendix=book.text(bench.size),
    )  # fmt: skip
