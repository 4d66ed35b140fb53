"""What an import did: created, changed, unchanged, refused, the refused ones with line, column and reason."""

from dataclasses import dataclass, field

from inservice.errors import Refusal
from inservice.masking import mask

# Refused rows kept; of the others only the number is told.
MOST_KEPT = 1000


class RowRefused(Refusal):
    """One line of a file cannot be taken. `column` is the heading as the file writes it, `value` what may be shown of the cell."""

    def __init__(self, column: str, sentence: str, value: str = "") -> None:
        super().__init__(sentence)
        self.column = column
        self.value = mask(value)


@dataclass(frozen=True)
class Refused:
    line: int
    column: str
    reason: str
    value: str = ""

    def __str__(self) -> str:
        return f"{self.line}: {self.column}: {self.reason}"


@dataclass
class Report:
    """`refused` keeps the first thousand; `refused_total` counts all."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)
    refused_total: int = 0
    saved: bool = False

    def refuse(self, line: int, error: RowRefused) -> None:
        self.refused_total += 1
        if len(self.refused) < MOST_KEPT:
            self.refused.append(Refused(line, error.column, error.message, error.value))

    def count(self, outcome: str) -> None:
        """One row more that was `created`, `changed` or `unchanged`."""
        setattr(self, outcome, getattr(self, outcome) + 1)

    @property
    def counts(self) -> dict[str, int]:
        return {
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": self.refused_total,
        }
