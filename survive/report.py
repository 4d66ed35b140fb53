"""The table: printed, and written to bench/results/survive-<date>.md by a full run."""

import os
import platform
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from survive.row import SHOWN, Result, Row

FOLDER = Path(__file__).resolve().parent.parent / "bench/results"


def state_of(result: Result) -> str:
    if not result.ran:
        return "*not run*"
    return "holds" if result.ok else "**fails**"


def line(row: Row, result: Result, seconds: float) -> str:
    """One line of the terminal's table."""
    state = state_of(result).strip("*")
    return f"{row.number:>6}  {state:8} {result.tries:>7} tries {len(result.faults):>4} faults {seconds:>6.0f} s  {row.name}: {result.text}"


def faults(result: Result) -> list[str]:
    """Return the first faults, and how many more there are."""
    more = [f"… and {len(result.faults) - SHOWN} more"] if len(result.faults) > SHOWN else []
    return [*result.faults[:SHOWN], *more]


def page(day: date, rows: Sequence[tuple[Row, Result, float]], facts: dict[str, str]) -> str:
    parts = [
        f"# What survived on {day}",
        "",
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        + ", ".join(f"{name} {value}" for name, value in facts.items())
        + f". Load average at the end of the run: {os.getloadavg()[1]:.0f} (five minutes).",
        "",
        "| # | what | asked | | tries | faults | seconds | measured |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row, result, seconds in rows:
        cells = [
            row.number,
            row.name,
            row.figure,
            state_of(result),
            f"{result.tries:,}",
            str(len(result.faults)),
            f"{seconds:.0f}",
            result.text,
        ]
        parts.append("| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |")
    for row, result, _ in rows:
        if result.faults:
            parts += ["", f"## Faults of row {row.number}", "", *(f"* {fault}" for fault in faults(result))]
    return "\n".join(parts) + "\n"


def keep(day: date, text: str) -> Path:
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"survive-{day}.md"
    path.write_text(text)
    return path
