"""The packages below the apps name no model, route, notice, act or module of an app, not even in a string.

Excepted are dotted paths and route names that a library's setting demands (`settings.py`, and `packages.py`, which it reads), the addresses (`urls.py`) and migrations.
"""

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from types import ModuleType

import pytest

from tests.project.test_house_rules import MAY_IMPORT, ROOT, modules

GROUND = ("kit", "audit", "notices", "files", "jobs", "inservice")
EXCEPTED = {"inservice/settings.py", "inservice/packages.py", "inservice/urls.py"}


@cache
def registered(app: str) -> frozenset[str]:
    """The routes, notices, acts and scheduled tasks that an app registers."""
    tables = (("rights", "RIGHTS"), ("notices", "KINDS"), ("schedule", "SCHEDULE"))
    tables += (("audit_acts", "ACTS"), ("audit_acts", "SECURITY"), ("audit_acts", "REASONS"))
    return frozenset(name for module, table in tables for name in getattr(_module(app, module), table, ()))


def _module(app: str, name: str) -> ModuleType | None:
    there = (ROOT / app / f"{name}.py").is_file()
    return importlib.import_module(f"{app}.{name}") if there else None


def strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def named(package: str, source: str) -> list[str]:
    """The names of apps that a module of `package` must not know and that its strings contain."""
    apps = set(MAY_IMPORT) - MAY_IMPORT[package] - {package}
    # A module or a model (`courses.models`, `courses.Course`), a route (`courses:detail`), a template (`courses/unit.html`).
    dotted = re.compile(rf"(?<![\w./-])(?:{'|'.join(sorted(apps))})(?:\.[A-Za-z_]\w|:[a-z_]|/[\w/]+\.html)")
    words = {name for app in apps for name in registered(app)}
    return [text for text in strings(ast.parse(source)) if dotted.search(text) or text in words]


@pytest.mark.parametrize("package", GROUND)
def test_no_string_names_what_belongs_to_an_app(package: str) -> None:
    found = [
        f"{name}: {text[:80]!r}"
        for path in modules(package)
        if (name := str(path.relative_to(ROOT))) not in EXCEPTED
        for text in named(package, path.read_text())
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("app", ["accounts", "signin", "courses", "hours", "api"])
def test_each_app_registers_what_is_looked_for(app: str) -> None:
    assert len(registered(app)) > 5


@pytest.mark.parametrize(
    "planted",
    [
        'reverse("courses:catalogue")',
        'redirect("home")',
        'get_model("courses.Course")',
        'TASK = "accounts.tasks.watch_accounts"',
        'render(request, "hours/close.html")',
        'kind == "please_close"',
        'log.record("login.ok", user)',
        'REASON = "registered_twice"',
        'url_name = "api:schema"',
    ],
)
def test_a_planted_name_is_found(planted: str) -> None:
    assert named("kit", planted)


def test_a_package_may_name_what_it_may_import_and_itself() -> None:
    own = 'log.record("job.start"), reverse("jobs:mine"), "notices.registry", "audit.log"'
    assert not named("jobs", own) and named("notices", own)
