"""docs/security.md covers each point of OWASP ASVS 5.0.0, levels 1 and 2, once, and names only tests that exist."""

import ast
import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
SHEET = (ROOT / "docs/security.md").read_text()
# The points of levels 1 and 2: section → their numbers, as the standard's own list of 5.0.0 has them.
POINTS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2, "3.3": 4, "3.4": 6,
    "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12,
    "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2,
    "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2,
    "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1,
    "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5,
    "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip


def rows() -> list[list[str]]:
    """Return the cells of each line of the sheet that covers points."""
    lines = SHEET.split("## OWASP ASVS 5.0", 1)[1].splitlines()
    return [[c.strip() for c in line.strip("| ").split(" | ")] for line in lines if re.match(r"\| \d", line)]


def missing_tests(text: str) -> list[str]:
    missing = []
    for path, name in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text):
        file = ROOT / path
        tree = ast.parse(file.read_text()) if file.is_file() else ast.Module([], [])
        if name not in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}:
            missing.append(f"{path}::{name}")
    return missing


def test_every_point_of_levels_1_and_2_is_in_the_sheet_once() -> None:
    answered = [point for row in rows() for point in row[0].split(", ")]
    wanted = [f"{section}.{n}" for section, most in POINTS.items() for n in range(1, most + 1)]
    assert sorted(answered) == sorted(wanted)


def test_every_point_names_a_test_a_page_or_a_reason() -> None:
    for point, what, how in rows():
        reason = "*not here*" in how or how in ("above", "–") or "above" in how or "docs/" in how
        assert "::" in how or reason, point
        assert how != "–" or "**weaker**" in what or "looked after by people" in what, point


def test_every_test_that_the_sheet_names_exists() -> None:
    assert SHEET.count("::") > 120 and not missing_tests(SHEET)


def test_a_name_that_is_no_test_is_found() -> None:
    assert missing_tests(
        "`tests/project/test_security_sheet.py::test_nothing`, `tests/no/file.py::test_x`"
    ) == [
        "tests/project/test_security_sheet.py::test_nothing",
        "tests/no/file.py::test_x",
    ]
