"""The wrong cells of a row, gathered so that its refusal names all of them: a clerk mends a row at one go."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar, TypeVarTuple

from accounts.imports.report import CellsRefused, RowRefused
from kit.tables.headings import heading_name

T = TypeVar("T")
Args = TypeVarTuple("Args")


class WrongCells:
    """The cells of one row that cannot be taken. `columns`: the headings of the file, in their order."""

    __slots__ = ("_columns", "_found")

    def __init__(self, columns: Iterable[str]) -> None:
        self._columns = columns
        self._found: list[RowRefused] = []

    def take(self, read: Callable[[*Args], T], *args: *Args) -> T | Any:
        """Return what `read` returns; when it raises RowRefused, keep that and return None.

        The type admits None without a test for it: no row is made before `refuse` was called. What needs several cells tests for None.
        """
        try:
            return read(*args)
        except RowRefused as error:
            self.add(error)
            return None

    def add(self, error: RowRefused) -> None:
        """Keep a refusal. A column is named once, by the first sentence about it."""
        named = {cell.column for cell in self._found}
        self._found += [cell for cell in error.cells if cell.column not in named]

    def refuse(self) -> None:
        """Raise RowRefused when any cell is wrong."""
        if self._found:
            raise self.refusal()

    def refusal(self) -> RowRefused:
        """Return the refusal of the row, which names its wrong cells in the order of the columns."""
        if len(self._found) == 1:
            return self._found[0]
        places = {heading_name(name): place for place, name in enumerate(self._columns)}
        return CellsRefused(
            sorted(self._found, key=lambda cell: places.get(heading_name(cell.column), len(places)))
        )
