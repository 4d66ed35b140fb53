"""The report: bench/results/<date>.jsonl holds the lines, <date>.md is generated from it, so that runs add up."""

import json
import os
import platform
from datetime import date
from pathlib import Path
from typing import Any

from bench.harness import Result

FOLDER = Path(__file__).parent / "results"


def keep(day: date, results: list[Result]) -> Path:
    """Add the lines of this run to the day's, a newer line of the same name and size replacing the older; draw the page anew."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{day}.jsonl"
    known = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    rows = {(row["size"], row["name"]): row for row in [*known, *(result.line() for result in results)]}
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows.values()))
    page = FOLDER / f"{day}.md"
    page.write_text(_page(day, list(rows.values())))
    return page


def _page(day: date, rows: list[dict[str, Any]]) -> str:
    parts = [
        f"# Figures of {day}",
        "",
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}. Medians of five goes or more unless said; each reference is "
        "measured in the same run, in turns with ours. PostgreSQL with fsync off (bench/cluster.py). Pages: processor time of the web "
        "process and the database's.",
        f"Load average at the end of the run: {os.getloadavg()[1]:.0f} (five minutes).",
        "",
        "| size | name | ours | reference | unit | ratio | reach | | what else |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in sorted(rows, key=lambda r: (r["size"], r["name"])):
        reach = f"{'≤' if row['lower'] else '≥'} {row['reach']}"
        more = ", ".join(f"{k} {v}" for k, v in row["more"].items())
        said = " · ".join(filter(None, (more, row["note"])))
        verdict = "reached" if row["ok"] else "**missed**"
        parts.append(
            f"| {row['size']} | {row['name']} | {row['ours']:g} | {row['reference']:g} | {row['unit']} | {row['ratio']} | {reach} | "
            f"{verdict} | {said} |"
        )
    return "\n".join(parts) + "\n"
