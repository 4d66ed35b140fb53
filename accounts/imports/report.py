"""What an import did: created, changed, unchanged, refused, the wrong cells of the refused ones with line, column and reason."""

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from tempfile import SpooledTemporaryFile
from typing import Any

from django.utils.translation import gettext as _

from accounts.errors import RegisterChanged
from accounts.models import User
from kit.errors import Refusal
from kit.masking import mask
from kit.sentence_parts import day_words
from kit.tables import Line

# Refused rows that are kept, each with all its wrong cells; the others are only counted.
MOST_REFUSALS = 1000


class RowRefused(Refusal):
    """One row of a file cannot be taken, for one cell. `column` is the heading as we write it, `value` what may be shown of the cell."""

    # The stored person whom the row would have made another one.
    mistaken_for: User | None = None

    def __init__(self, column: str, sentence: str, value: str = "") -> None:
        super().__init__(sentence)
        self.column = column
        self.value = mask(value)

    @property
    def cells(self) -> Sequence["RowRefused"]:
        """The wrong cells of the row."""
        return (self,)


class CellsRefused(RowRefused):
    """One row of a file cannot be taken, for several cells. By itself it is the refusal of the first of them."""

    def __init__(self, cells: Sequence[RowRefused]) -> None:
        super().__init__(cells[0].column, cells[0].message, cells[0].value)
        self._cells = cells

    @property
    def cells(self) -> Sequence[RowRefused]:
        return self._cells


def refuse_faulty(line: Line) -> None:
    """Raise RowRefused for a row that is longer or shorter than the heading: its cells may be in the wrong columns."""
    if line.problem:
        raise RowRefused(_("row"), line.problem)


def text_of(column: str, value: str, most: int) -> str:
    """Return the text of a cell. Raise RowRefused for one that is longer than `most` characters or has several lines."""
    if len(value) > most:
        raise RowRefused(column, _("longer than %s characters") % most, value[:60])
    if value and min(value) < " ":
        raise RowRefused(column, _("contains a line break or a tab"))
    return value


@dataclass(frozen=True)
class Refused:
    """A wrong cell of a refused row, as it is reported."""

    line: int
    column: str
    reason: str
    value: str = ""
    mistaken_for: User | None = None

    @classmethod
    def of(cls, line: int, error: RowRefused) -> "list[Refused]":
        return [cls(line, cell.column, cell.message, cell.value, cell.mistaken_for) for cell in error.cells]

    def __str__(self) -> str:
        return f"{self.line}: {self.column}: {self.reason}"


class Overwrites:
    """What an import replaces: line, whose it is, column, old and new. Any number of them; memory does not grow beyond a megabyte."""

    def __init__(self) -> None:
        self.number = 0
        self._file = SpooledTemporaryFile(max_size=1 << 20, mode="w+", encoding="utf-8", newline="")  # noqa: SIM115
        self._writer = csv.writer(self._file)

    def add(self, *cells: object) -> None:
        self._writer.writerow(cells)
        self.number += 1

    def rows(self) -> Iterator[list[str]]:
        self._file.seek(0)
        yield from csv.reader(self._file)


@dataclass
class Report:
    """`refused` has the wrong cells of the first thousand refused rows; `refused_total` counts all refused rows.

    `renamed` are units that get another name.
    """

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)
    refused_total: int = 0
    saved: bool = False
    renamed: int = 0
    # People who were sent an invitation; None when nobody was to be invited.
    invited: int | None = None
    overwrites: Overwrites = field(default_factory=Overwrites)
    _seen: Any = field(default_factory=hashlib.sha256, repr=False)

    @property
    def mark(self) -> str:
        """Return a mark of what the file does to the register: the same as long as nobody changes what the file concerns."""
        figures = (self.created, self.changed, self.unchanged, self.refused_total, self.renamed)
        seen = self._seen.copy()
        seen.update(repr(figures).encode())
        return str(seen.hexdigest())

    def require(self, checked: "Checked | None") -> None:
        """Raise RegisterChanged when the file would do something else than what was checked."""
        if checked and checked.mark and checked.mark != self.mark:
            raise RegisterChanged(then=_counts_in_words(checked.counts), now=_counts_in_words(self.counts))

    def overwrite(self, line: int, whose: str, column: str, old: object, new: object) -> None:
        """Note that a stored value is replaced, for the person who decides whether the file is carried out.

        The person reads it in a language, and may carry the file out in another one: the mark takes the values themselves.
        """
        self.overwrites.add(line, whose, column, _shown(old), _shown(new))
        self._seen.update(repr((line, column, old, new)).encode())

    def refuse(self, line: int, error: RowRefused) -> list[Refused]:
        """One row more that is refused, for one cell or several. Return them as they are reported."""
        cells = Refused.of(line, error)
        self.refused_total += 1
        self._seen.update(repr(line).encode())
        if self.refused_total <= MOST_REFUSALS:
            self.refused += cells
        return cells

    @property
    def refused_beyond(self) -> int:
        """How many refused rows are only counted."""
        return max(self.refused_total - MOST_REFUSALS, 0)

    def count(self, outcome: str) -> None:
        """One row more that was `created`, `changed` or `unchanged`."""
        setattr(self, outcome, getattr(self, outcome) + 1)

    @property
    def counts(self) -> dict[str, int]:
        """Return the figures for the page and the command; that of the invited only where people were to be invited."""
        invited = {} if self.invited is None else {"invited": self.invited}
        return {
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": self.refused_total,
            **invited,
        }


@dataclass(frozen=True)
class Checked:
    """What the check of a file showed: the mark of its report, and the figures. Without a mark nothing is compared."""

    mark: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, outcome: Mapping[str, Any]) -> "Checked":
        return cls(str(outcome.get("mark", "")), {name: int(outcome.get(name, 0)) for name in COUNTED})


COUNTED = ("created", "changed", "unchanged", "refused")


def _counts_in_words(counts: Mapping[str, int]) -> str:
    return _("%(created)s new, %(changed)s changed, %(unchanged)s unchanged, %(refused)s refused") % {
        name: counts.get(name, 0) for name in COUNTED
    }


def _shown(value: object) -> str:
    """Return a value, or several in turn, as a cell of the comparison."""
    if isinstance(value, tuple):
        return " ".join(filter(None, map(_shown, value)))
    if isinstance(value, date):
        return day_words(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)
