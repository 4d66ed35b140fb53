"""What a row of the table is: a claim about the running stack, tried so many times, with the faults that were found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

# A table that lists a thousand times the same loss is not read.
SHOWN = 12


@dataclass
class Result:
    """How often a row tried, what went wrong, and the figures that it measured. `ran` is False when the machine cannot do it."""

    tries: int = 0
    faults: list[str] = field(default_factory=list)
    text: str = ""
    ran: bool = True

    @property
    def ok(self) -> bool:
        """A row that tried nothing has shown nothing."""
        return self.ran and not self.faults and self.tries > 0

    def expect(self, holds: object, fault: str) -> bool:
        """Note a fault unless the condition holds; return whether it does."""
        if not holds:
            self.faults.append(fault)
        return bool(holds)

    def equal(self, what: str, found: object, wanted: object) -> bool:
        return self.expect(found == wanted, f"{what}: {found!r}, not {wanted!r}")


# A row that runs beside the others: calling it waits for its end.
Later = Callable[[], Result]


@dataclass(frozen=True)
class Row:
    """`alone`: it measures the machine, so that nothing may run beside it. `full` and `short` are the numbers with which `run` is called; without `short` the row is in the full run only."""

    number: str
    name: str
    figure: str
    run: Callable[..., "Result | Later"]
    full: Mapping[str, Any]
    short: Mapping[str, Any] | None
    alone: bool = False

    def numbers(self, short: bool) -> dict[str, Any]:
        return {**self.full, **(self.short or {} if short else {})}


ROWS: dict[str, Row] = {}


def row(
    number: str,
    name: str,
    figure: str,
    *,
    full: Mapping[str, Any],
    short: Mapping[str, Any] | None,
    alone: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: register a function of the stack and its numbers as a row of the table."""

    def register(run: Callable[..., Any]) -> Callable[..., Any]:
        ROWS[number] = Row(number, name, figure, run, full, short, alone)
        return run

    return register


def in_order() -> list[Row]:
    """Return the rows in the order of their numbers: 1, 2, …, 14, 14.10, 15."""
    return sorted(ROWS.values(), key=lambda one: [int(part) for part in one.number.split(".")])
