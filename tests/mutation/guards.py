"""Guards of the product that can be switched off one by one while it runs: `script/mutate` shows that a test fails without each.

An import hook rewrites three kinds of statements as their modules are loaded; the files stay as they are:

* `raise Something(…)`: the refusal of an action, form, import, guard or table;
* `return …` of the predicates in a `rules.py`: switched off, everybody may;
* a call in a `locks.py` that takes a lock.

`ACTIVE` holds the number of the guard that is off, `reached` the numbers of those that were come to since it was last cleared.
"""

import ast
import importlib
import importlib.abc
import importlib.machinery
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inservice import packages

ROOT = Path(__file__).resolve().parent.parent.parent
# All but the demonstration and the settings, which guard nobody's data.
PACKAGES = tuple(name for name in packages.PACKAGES if name not in ("inservice", "demo"))
# Programming errors and the ends of commands guard nobody's data.
NO_GUARDS = {"AssertionError", "NotImplementedError", "ImproperlyConfigured", "CommandError", "TypeError"}
LOCKS = {"lock_rows", "share_rows", "queue_alone", "queue_together", "queue_is_mine", "select_for_update"}


@dataclass(frozen=True)
class Guard:
    """One guard: `name` is its place and what it says, `kind` is raise, rule or lock."""

    number: int
    kind: str
    name: str


GUARDS: list[Guard] = []
reached: set[int] = set()
ACTIVE: list[int] = [-1]


def on(number: int) -> bool:
    """Whether a guard holds; note that it was come to."""
    reached.add(number)
    return ACTIVE[0] != number


def ruled(number: int, value: Any) -> Any:
    """What a predicate returns: True while its guard is off. A value that is True anyway does not come to the guard."""
    return value if value is True or on(number) else True


class Rewriter(ast.NodeTransformer):
    def __init__(self, path: Path) -> None:
        self.path = path.relative_to(ROOT)
        self.inside: list[str] = []

    def guard(
        self, node: ast.AST, kind: str, what: str, *, call: str, value: ast.expr | None = None
    ) -> ast.expr:
        """Number a guard; return the call by which the module asks at run time whether it holds."""
        number = len(GUARDS)
        GUARDS.append(Guard(number, kind, f"{self.path}:{node.lineno} {'.'.join(self.inside)}: {what}"))  # type: ignore[attr-defined]
        values = [] if value is None else [value]
        made = ast.Call(ast.Name(call, ast.Load()), [ast.Constant(number), *values], [])
        return ast.copy_location(made, node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.inside.append(node.name)
        self.generic_visit(node)
        self.inside.pop()
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.inside.append(node.name)
        self.generic_visit(node)
        self.inside.pop()
        return node

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        name = raised.attr if isinstance(raised, ast.Attribute) else getattr(raised, "id", "")
        if not self.inside or not name[:1].isupper() or name in NO_GUARDS:
            return node
        test = self.guard(node, "raise", name, call="guard_is_on_")
        return ast.copy_location(ast.If(test, [node], []), node)

    def visit_Return(self, node: ast.Return) -> ast.AST:
        self.generic_visit(node)
        if self.path.name != "rules.py" or node.value is None or not self.inside:
            return node
        if isinstance(node.value, ast.Constant) and node.value.value is True:
            return node  # switched off, it would be the same
        what = ast.unparse(node.value)[:60]
        held = self.guard(node, "rule", what, call="guard_rules_", value=node.value)
        return ast.copy_location(ast.Return(held), node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if self.path.name != "locks.py" or called not in LOCKS or not self.inside:
            return node
        # `rows.select_for_update()` without its lock is `rows`, a queue without its lock is free; the others return nothing.
        free = ast.Constant(True if called == "queue_is_mine" else None)
        otherwise = node.func.value if isinstance(node.func, ast.Attribute) else free
        test = self.guard(node, "lock", called, call="guard_is_on_")
        return ast.copy_location(ast.IfExp(test, node, otherwise), node)


class Loader(importlib.machinery.SourceFileLoader):
    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> Any:  # type: ignore[override]
        tree = ast.fix_missing_locations(Rewriter(Path(path)).visit(ast.parse(data)))
        return compile(tree, path, "exec", dont_inherit=True, optimize=_optimize)

    def get_code(self, fullname: str) -> Any:
        """Never from a `.pyc`: it holds the module without its guards, or with those of another run."""
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)

    def exec_module(self, module: Any) -> None:
        module.__dict__.update(guard_is_on_=on, guard_rules_=ruled)
        super().exec_module(module)


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        top, *rest = fullname.split(".")
        if top not in PACKAGES or not rest or "migrations" in rest:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec and isinstance(spec.loader, importlib.machinery.SourceFileLoader) and spec.origin:
            spec.loader = Loader(fullname, spec.origin)
        return spec


def install() -> None:
    """Rewrite every module of the product that is loaded from now on."""
    loaded = [name for name in sys.modules if name.split(".")[0] in PACKAGES and "." in name]
    if loaded:
        raise RuntimeError(f"already loaded: {loaded[:5]}")
    sys.meta_path.insert(0, Finder())


def load_all() -> None:
    """Load every module of the product. A view that is loaded at the first request would otherwise be judged only after one."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts and path.name != "__init__.py":
                importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
