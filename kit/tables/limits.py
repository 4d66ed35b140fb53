"""How large a table may be, and the rectangle of cells that has been counted so far."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal

# Every teacher of the country with a dozen columns.
MOST_ROWS = 400_000
MOST_COLUMNS = 256
MOST_CELLS = 4_000_000
# Excel's own limit for one cell, and as many characters as the largest file has bytes.
MOST_IN_CELL = 32_767
MOST_TEXT = 50 * 1024 * 1024


class UnreadableTable(Refusal):
    sentence = _("The file cannot be read as a table: %(why)s")
    field = "file"
    status = 400


class TableTooLarge(UnreadableTable):
    sentence = _(
        "The table is too large: %(rows)s rows × %(columns)s columns. At most %(most_rows)s rows, %(most_columns)s columns and"
        " %(most_cells)s cells can be read at once."
    )


class TooMuchText(UnreadableTable):
    sentence = _(
        "The cells hold too much text: at most %(in_cell)s characters in one cell and %(in_all)s in all can be read at once."
    )


@dataclass
class Size:
    """The rectangle that is filled so far. Raise TableTooLarge, TooMuchText as soon as it is too much."""

    rows: int = 0
    columns: int = 0
    text: int = 0
    # The cells of the sheets before this one, which may be held at the same time.
    before: int = 0

    @property
    def cells(self) -> int:
        return self.before + self.rows * self.columns

    def next_sheet(self) -> "Size":
        return Size(text=self.text, before=self.cells)

    def hold(self, rows: int, columns: int) -> None:
        """Count a filled cell in this row and column, from 1."""
        if rows <= self.rows and columns <= self.columns:
            return
        self.rows, self.columns = max(self.rows, rows), max(self.columns, columns)
        if self.rows > MOST_ROWS or self.columns > MOST_COLUMNS or self.cells > MOST_CELLS:
            raise TableTooLarge(
                rows=f"{self.rows:,}",
                columns=f"{self.columns:,}",
                most_rows=f"{MOST_ROWS:,}",
                most_columns=f"{MOST_COLUMNS:,}",
                most_cells=f"{MOST_CELLS:,}",
            )

    def read(self, added: int, in_cell: int) -> None:
        """So many characters more, in a cell that holds `in_cell` by now."""
        self.text += added
        if in_cell > MOST_IN_CELL or self.text > MOST_TEXT:
            raise TooMuchText(in_cell=f"{MOST_IN_CELL:,}", in_all=f"{MOST_TEXT:,}")
