"""Numbers out of addresses and forms: the one place where a typed text becomes the number of a row, or a year."""

from typing import TypeVar

from kit import clock

# What a column for numbers of rows can hold (BigAutoField); SQLite refuses even to look for more.
LARGEST_ID = 2**63 - 1
Default = TypeVar("Default", int, None)


def whole_number(text: str | None, default: Default, most: int = LARGEST_ID) -> int | Default:
    """Return the number of a text of plain digits, up to `most`; the default for everything else."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > len(str(LARGEST_ID)):
        return default
    number = int(text)
    return number if number <= most else default


def whole_numbers(texts: list[str]) -> list[int]:
    """Return the numbers among these texts."""
    return [number for text in texts if (number := whole_number(text, None)) is not None]


def roc_year(text: str | None, default: Default) -> int | Default:
    """Return the ROC year of a text; the default for everything else."""
    return whole_number(text, default, clock.LAST_YEAR)
