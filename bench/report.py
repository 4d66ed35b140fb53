"""The report: bench/results/<date>.jsonl holds the lines, <date>.md is generated from it, so that runs add up."""

import json
import os
import platform
from datetime import date
from pathlib import Path
from typing import Any

from bench.harness import Result

FOLDER = Path(__file__).parent / "results"
LINE = (
    "| {size} | {name} | {ours:g} | {reference:g} | {unit} | {ratio} | {sign} {reach} | {verdict} | {said} |"
)


def keep(day: date, results: list[Result]) -> None:
    """Add the lines of this run to the day's, a newer line of the same name and size replacing the older; draw the page anew."""
    path = FOLDER / f"{day}.jsonl"
    known = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    rows = {(row["size"], row["name"]): row for row in [*known, *(result.line() for result in results)]}
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows.values()))
    (FOLDER / f"{day}.md").write_text(_page(day, list(rows.values())))


def _page(day: date, rows: list[dict[str, Any]]) -> str:
    parts = [
        f"# Figures of {day}",
        "",
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}. A reference is another side, measured "
        "in the same run and in turns with ours, or what is asked for. PostgreSQL with fsync off (bench/cluster.py).",
        f"Load average at the end of the run: {os.getloadavg()[1]:.0f} (five minutes).",
        "",
        "| size | name | ours | reference | unit | ratio | reach | | what else |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in sorted(rows, key=lambda r: (r["size"], r["name"])):
        sign, verdict = "≤" if row["lower"] else "≥", "reached" if row["ok"] else "**missed**"
        more = ", ".join(f"{name} {value}" for name, value in row["more"].items())
        said = " · ".join(filter(None, (more, row["note"])))
        parts.append(LINE.format(**row, sign=sign, verdict=verdict, said=said))
    return "\n".join(parts) + "\n"
