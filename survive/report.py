"""The table: printed, and written to bench/results/survive-<date>.md by a full run."""

import os
import platform
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from survive.processes import ROOT
from survive.row import SHOWN, Result, Row

FOLDER, PREFIX = ROOT / "bench/results", "survive-"


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


def page(
    path: Path, rows: Sequence[tuple[Row, Result, float]], facts: dict[str, str], took: float, wanted: int
) -> str:
    """Return the report of the rows so far, of so many `wanted`, after `took` seconds."""
    missing = (
        f" {wanted - len(rows)} rows are missing: the run was not finished." if len(rows) < wanted else ""
    )
    parts = [
        f"# What survived on {path.stem.removeprefix(PREFIX)}",
        "",
        f"{len(rows)} rows in {took / 60:.0f} minutes, {sum(len(r.faults) for _, r, _ in rows)} faults.{missing}",
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
    return without_places("\n".join(parts) + "\n")


def without_places(text: str) -> str:
    """Take the folders of this machine out of a text."""
    return text.replace(str(ROOT), ".").replace(tempfile.gettempdir() + "/", "")


def path(day: date) -> Path:
    return FOLDER / f"{PREFIX}{day}.md"


def keep(path: Path, text: str) -> None:
    """Write a report whole or not at all."""
    path.parent.mkdir(exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(path)
