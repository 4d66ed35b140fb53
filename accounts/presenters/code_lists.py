"""A list that people choose from as a file, with the columns that the import reads."""

from collections.abc import Iterable, Iterator

from accounts.models import Listed
from kit.tables import Row


def table_rows(rows: Iterable[Listed]) -> Iterator[Row]:
    for row in rows:
        parent = getattr(row, "parent", None)
        yield [row.code, parent.code if parent else "", row.name, row.order, row.valid_from, row.valid_until]
