"""Plans on paper: each statement of each page once, with the nodes of its plan, to be read from top to bottom."""

import re
from collections.abc import Iterable
from typing import Any

from bench.plans import SMALL, is_whole_scan, large_tables, plan_of

LONGEST = 420
MARK = "← READS THE WHOLE TABLE"
EXPLAINED = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")
# What is written for a text: nobody's session, address or name gets into the report.
HIDDEN = "'…'"


def shortened(statement: str) -> str:
    """The statement without its columns, texts and long lists: what tells it from others."""
    text = re.sub(r"'(?:[^']|'')*'(?:::\w+(?:\[\])?)?", HIDDEN, statement).replace('"', "")
    text = _without_columns(" ".join(text.split()))
    text = re.sub(r"\((?:\d+|'…')(?:, (?:\d+|'…')){3,}\)", "(…)", text)
    text = re.sub(r"\b(?:ARRAY)?\[(?:\d+, ?){3,}\d+\]", "ARRAY[…]", text)
    return text if len(text) <= LONGEST else text[:LONGEST].rstrip() + " …"


def _without_columns(text: str) -> str:
    """`SELECT … FROM`: the FROM is the first one outside of all brackets."""
    if not text.startswith("SELECT "):
        return text
    depth = 0
    for place, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0 and text.startswith(" FROM ", place):
            return "SELECT …" + text[place:]
    return text


def drawn(node: dict[str, Any], large: set[str], depth: int = 0) -> list[str]:
    """A plan as lines: a node with one node below shares its line (`Limit ~20 < Sort ~223`), branches are indented."""
    line, chain = "", node
    while True:
        line += _node(chain, large)
        below = chain.get("Plans", [])
        if len(below) != 1:
            break
        line, chain = line + " < ", below[0]
    lines = ["  " * depth + line]
    for branch in below:
        lines += drawn(branch, large, depth + 1)
    return lines


def _node(node: dict[str, Any], large: set[str]) -> str:
    parts = [node["Node Type"]]
    if name := node.get("Subplan Name"):
        parts.insert(0, f"{name}:")
    if table := node.get("Relation Name"):
        parts.append(table)
    if index := node.get("Index Name"):
        parts.append(f"by {index}")
    parts.append(f"~{node['Plan Rows']}")
    if is_whole_scan(node, large):
        parts.append(MARK)
    return " ".join(parts)


class Book:
    """Statements get a number each; a page that asks one again names the number."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.whole_scans: list[int] = []
        self.large = large_tables()
        self.parts: list[str] = []

    def add(self, page: str, statements: Iterable[str]) -> None:
        """Explain what the page asks and no page before it did."""
        again = set()
        self.parts += ["", f"## {page}", ""]
        for statement in statements:
            if not statement.lstrip().upper().startswith(EXPLAINED):
                continue
            short = shortened(statement)
            if short in self.numbers:
                again.add(self.numbers[short])
                continue
            number = self.numbers[short] = len(self.numbers) + 1
            lines = drawn(plan_of(statement), self.large)
            if any(MARK in line for line in lines):
                self.whole_scans.append(number)
            self.parts += ["```", f"{number}  {short}", *(f"   {line}" for line in lines), "```", ""]
        if again:
            self.parts += [f"And as above: {', '.join(map(str, sorted(again)))}."]

    def text(self, size: str) -> str:
        scans = ", ".join(map(str, self.whole_scans)) or "none"
        head = [
            f"# Plans of the set `{size}`",
            "",
            "Each statement of each page once, without its columns and texts, and the nodes of its plan: table, index, estimated rows. A node stands left of",
            "the one that it reads from (`<`); several are indented below it. Tables that grow are marked where they are read from end to end.",
            "",
            f"Statements: {len(self.numbers)}. Growing tables of more than {SMALL:,} rows: {', '.join(sorted(self.large)) or 'none'}.",
            f"Statements that read one of them from end to end: {scans}.",
        ]
        return "\n".join([*head, *self.parts]) + "\n"
