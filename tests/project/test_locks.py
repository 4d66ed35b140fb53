"""Where locks stand in the code, and that `docs/locking.md` and the test of their order know every one of them."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings

from tests.concurrency import acts as prepared
from tests.project.actions import acts

ROOT = Path(settings.BASE_DIR)
PACKAGES = sorted(
    p.parent.name for p in ROOT.glob("*/__init__.py") if p.parent.name not in ("tests", "bench")
)
MODULES = sorted(f"{path.parent.name}.locks" for path in ROOT.glob("*/locks.py"))
STATEMENT = re.compile(r"\bFOR (NO KEY )?UPDATE\b|\bFOR (KEY )?SHARE\b|advisory_|\bLOCK TABLE\b")


def lock_statements(path: Path) -> Iterator[int]:
    tree = ast.parse(path.read_text())
    said = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "select_for_update":
            yield node.lineno
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            if STATEMENT.search(node.value):
                yield node.lineno


def test_a_lock_is_in_a_module_of_locks_and_nowhere_else() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path.name != "locks.py" and "migrations" not in path.parts
        for line in lock_statements(path)
    }
    assert not found


def test_the_modules_of_locks_do_lock() -> None:
    """Otherwise the search above would find nothing because it looks for the wrong words."""
    assert all(
        list(lock_statements(ROOT / f"{name.replace('.', '/')}.py"))
        for name in MODULES
        if name not in ("accounts.locks", "api.locks", "bulletin.locks", "webhooks.locks")
    )


def test_every_act_is_prepared_for_the_test_of_the_order() -> None:
    assert set(acts()) == set(prepared.READY)


@pytest.mark.parametrize("name", MODULES)
def test_the_page_about_locks_says_what_the_docstrings_say(name: str) -> None:
    page = (ROOT / "docs/locking.md").read_text()
    module = import_module(name)
    functions = [
        n.name
        for n in ast.parse(Path(str(module.__file__)).read_text()).body
        if isinstance(n, ast.FunctionDef)
    ]
    for function in functions:
        if not function.startswith("_"):
            first = (getattr(module, function).__doc__ or "").strip().split("\n\n")[0]
            row = f"| `{name}.{function}` | {' '.join(first.split())} |"
            assert row in page, f"docs/locking.md lacks this row:\n{row}"
