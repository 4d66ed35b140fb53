"""What an import did: created, changed, unchanged, refused, the refused ones with line, column and reason."""

from dataclasses import dataclass, field

from inservice.errors import Refusal


class RowRefused(Refusal):
    """One line of a file cannot be taken. `column` is the heading as the file writes it."""

    def __init__(self, column: str, sentence: str) -> None:
        super().__init__(sentence)
        self.column = column


@dataclass(frozen=True)
class Refused:
    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"{self.line}: {self.column}: {self.reason}"


@dataclass
class Report:
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)
    saved: bool = False

    def refuse(self, line: int, error: RowRefused) -> None:
        self.refused.append(Refused(line, error.column, error.message))

    @property
    def counts(self) -> dict[str, int]:
        return {
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": len(self.refused),
        }
