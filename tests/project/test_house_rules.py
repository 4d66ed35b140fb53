"""Rules about the code itself: one direction of imports, small modules, no inline code, complete Chinese."""

import ast
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from audit.acts import ACTS
from inservice.packages import PACKAGES
from notices.registry import KINDS
from tests.project.actions import APPS as ROOMED

ROOT = Path(settings.BASE_DIR)
# What a package may import of the others: the right may import the left, never back.
MAY_IMPORT: dict[str, set[str]] = {
    "kit": set(),
    "inservice": {"kit"},
    "audit": {"kit"},
    "notices": {"kit"},
    "files": {"kit", "audit"},
    "jobs": {"kit", "audit", "notices", "files"},
    "accounts": {"kit", "audit", "notices", "files", "jobs"},
    "bulletin": {"kit", "audit", "notices", "files", "jobs", "accounts"},
    "signin": {"kit", "audit", "notices", "files", "jobs", "accounts"},
    "courses": {"kit", "audit", "notices", "files", "jobs", "accounts", "signin"},
    "hours": {"kit", "audit", "notices", "files", "jobs", "accounts", "signin", "courses"},
    "api": {"kit", "audit", "notices", "files", "jobs", "accounts", "signin", "courses", "hours"},
    "webhooks": {"kit", "audit", "notices", "files", "jobs", "accounts", "signin", "courses"},
    "demo": {
        "bulletin",
        "kit",
        "audit",
        "notices",
        "files",
        "jobs",
        "accounts",
        "signin",
        "courses",
        "hours",
        "webhooks",
    },
    "backup": {"kit", "audit", "notices", "files", "accounts", "hours"},
    "privacy": {"kit", "audit", "notices", "files", "jobs", "accounts", "signin", "courses", "hours"},
    "checks": {
        "kit",
        "audit",
        "notices",
        "files",
        "jobs",
        "accounts",
        "signin",
        "courses",
        "hours",
        "backup",
        "privacy",
    },
}
# The rooms of an app in the order of their imports: a room imports those before it, never one behind it. A room is a package
# of the app or a module beside them; no app has them all.
ROOMS = (
    "enums", "identity", "job_titles", "change_signals", "unfinished_work", "issuers", "errors", "models", "cached_tables", "acting", "business_access", "queries", "code_lists", "locks", "rules",
    "role_sets", "file_kinds", "rights", "audit_acts", "schedule", "notices", "mailbox_notices",
    # The modules of authentication, below the actions.
    "claims", "passwords", "readiness",
    # Those of sending messages to other systems, likewise.
    "addresses", "posting", "signatures",
    "unit_pages",
    "actions", "timed", "imports",
    # The same, above them.
    "guess_throttle", "library_mail", "api_keys", "sessions", "support_view", "session_store", "education", "backends", "adapter", "signals",
    "handbook", "forms", "presenters", "own_data", "retention", "left_columns", "library_words", "jobs", "templatetags", "refusal_log", "other_hats", "middleware", "context", "route_guard",
    "views", "urls", "handbook_urls", "desk", "desk_config", "tasks", "management", "apps",
)  # fmt: skip
# Who starts a job sends its task to the queue, and so does a log-in while the person is being moved.
BACKWARDS = {
    "jobs": ["jobs/actions.py: jobs.tasks.run"],
    "signin": ["signin/signals.py: signin.tasks.keep_last_login"],
}
# The only imports against the direction: former paths of what moved, each with the reason why it has to stay importable.
FORMER_PATHS = {
    "accounts/backends.py": "a session that began before the move names this backend, and Django forgets sessions of others",
    "accounts/session_store.py": "an installation whose own settings name this session engine goes on",
}
EXCEPTIONS = {
    *FORMER_PATHS,
    "inservice/urls.py",
    # Reads the list of issuers, with a module that imports nothing.
    "inservice/settings.py",
}


def modules(folder: str) -> Iterator[Path]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        if "migrations" not in path.parts:
            yield path


def imports(path: Path, *, run: bool = False) -> Iterator[str]:
    """What a module imports; with `run` only what it imports when it runs, not for its types."""
    tree = ast.parse(path.read_text())
    for_types = {n for branch in ast.walk(tree) if _is_for_types(branch) for n in ast.walk(branch)}
    for node in ast.walk(tree):
        if run and node in for_types:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _is_for_types(node: ast.AST) -> bool:
    """Whether this is `if TYPE_CHECKING:`, whose imports never run."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def test_the_list_of_packages_is_whole_and_written_once() -> None:
    """Settings, scripts and tests read `inservice.packages`. A second list would go stale with the next package."""
    tracked = subprocess.run(
        ["git", "ls-files", "*.py", "script"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    folders = {name.split("/")[0] for name in tracked if name.endswith("/__init__.py")}
    assert set(PACKAGES) == folders - {"tests", "bench", "survive"} == set(MAY_IMPORT)
    assert [name for name in tracked if _lists_most(name)] == ["inservice/packages.py"]


def _lists_most(name: str) -> bool:
    """Return whether a collection of a file, or a line of a shell script, names more than two thirds of the packages."""
    source = (ROOT / name).read_text()
    if not source.startswith("#!/bin/sh"):
        found = [
            {element.value for element in node.elts if isinstance(element, ast.Constant)}
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Tuple | ast.List | ast.Set)
        ]
    else:
        found = [set(line.split()) for line in source.splitlines()]
    return any(len(names & set(PACKAGES)) > len(PACKAGES) * 2 / 3 for names in found)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_go_one_way_only(package: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules(package)
        if str(path.relative_to(ROOT)) not in EXCEPTIONS
        for name in imports(path)
        if (top := name.split(".")[0]) in MAY_IMPORT and top != package and top not in MAY_IMPORT[package]
    ]
    assert not wrong


def test_a_former_path_holds_nothing_but_the_import() -> None:
    for name in FORMER_PATHS:
        kinds = [type(node) for node in ast.parse((ROOT / name).read_text()).body]
        assert kinds == [ast.Expr, ast.ImportFrom, ast.Assign], name


@pytest.mark.parametrize("app", ROOMED)
def test_every_module_of_an_app_is_in_a_listed_room(app: str) -> None:
    assert not [str(p.relative_to(ROOT)) for p in modules(app) if room_of(p, app) not in (*ROOMS, "__init__")]


def test_every_listed_room_is_one_of_an_app() -> None:
    there = {room_of(path, app) for app in ROOMED for path in modules(app)}
    assert not set(ROOMS) - there


@pytest.mark.parametrize("app", [*ROOMED, "jobs"])
def test_the_rooms_of_an_app_import_one_way_only(app: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules(app)
        if room_of(path, app) in ROOMS
        for name in imports(path, run=True)
        if (parts := name.split("."))[0] == app
        and len(parts) > 1
        and parts[1] in ROOMS
        and ROOMS.index(parts[1]) > ROOMS.index(room_of(path, app))
    ]
    assert wrong == BACKWARDS.get(app, [])


def room_of(path: Path, app: str) -> str:
    return path.relative_to(ROOT / app).with_suffix("").parts[0]


# Queries and querysets return data: no translated text, no template filter, no heading in Chinese.
DATA_ONLY = (
    "queries.py",
    "models/querysets.py",
    "models/lookups.py",
    "models/in_force.py",
    "models/deadlines.py",
)


def test_queries_return_data_and_leave_the_words_to_presenters() -> None:
    chinese = re.compile("[\u4e00-\u9fff]")
    found, wrong = 0, []
    for path in (path for package in MAY_IMPORT for path in modules(package)):
        name = str(path.relative_to(ROOT))
        if "/queries/" not in name and not name.endswith(DATA_ONLY):
            continue
        found += 1
        tree = ast.parse(path.read_text())
        wrong += [f"{name}: {i}" for i in imports(path) if re.search(r"utils\.translation|templatetags", i)]
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        wrong += [
            f"{name}:{node.lineno}: {node.value}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
            and chinese.search(node.value)
        ]
    assert found > 40 and not wrong


def test_modules_and_templates_stay_small() -> None:
    big = [
        str(p)
        for package in MAY_IMPORT
        for p in modules(package)
        if p.name != "settings.py" and len(p.read_text().splitlines()) > 350
    ]
    big += [str(p) for p in (ROOT / "templates").rglob("*.html") if len(p.read_text().splitlines()) > 150]
    assert not big


def test_no_line_of_a_template_is_longer_than_120_characters() -> None:
    """djangofmt, which script/check runs, breaks what it can; a sentence or a tag that is too long it leaves."""
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "templates").rglob("*.*"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > 120
    ]
    assert not long


def test_functions_stay_short() -> None:
    lengths = [
        (node.end_lineno or 0) - node.lineno + 1
        for package in MAY_IMPORT
        for path in modules(package)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    ]
    assert sum(n <= 25 for n in lengths) / len(lengths) > 0.9 and max(lengths) <= 60


def test_only_the_clock_knows_what_day_it_is() -> None:
    asks = re.compile(r"\b(date\.today|datetime\.now|datetime\.utcnow|timezone\.localdate)\(")
    found = [str(p) for package in MAY_IMPORT for p in modules(package) if asks.search(p.read_text())]
    assert not found


def test_templates_have_no_inline_code_and_no_outside_host() -> None:
    inline = re.compile(r"\sstyle=|<style|<script(?![^>]*\bsrc=)|\son[a-z]+=\"|https?://(?!www\.w3\.org)")
    # E-mails are the exception: mail programs ignore style sheets. No page of the site uses them.
    mails = ROOT / "templates/emails"
    pages = [p for p in (ROOT / "templates").rglob("*.html") if mails not in p.parents]
    assert not [str(p) for p in pages if inline.search(p.read_text())]
    assert not [str(p) for p in mails.rglob("*.html") if re.search(r"<script|\son[a-z]+=", p.read_text())]


def test_vendored_files_are_the_ones_that_were_vendored() -> None:
    for folder in (ROOT / "static/vendor", ROOT / "kit/fonts"):
        listed = json.loads((folder / "vendor.json").read_text())["sha256"]
        there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
        assert there == {*listed, "vendor.json"}
        for name, digest in listed.items():
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


def test_the_chinese_catalogue_is_complete() -> None:
    said = subprocess.run(
        [sys.executable, "script/messages", "check"], cwd=ROOT, capture_output=True, text=True
    )
    assert said.returncode == 0, said.stdout


def test_every_kind_of_notice_has_its_row_its_templates_and_a_sample() -> None:
    source = "\n".join(p.read_text() for package in MAY_IMPORT for p in modules(package))
    named = set(re.findall(r'NewNotice\(\s*kind="(\w+)"', source))
    folders = {p.parent.name for p in (ROOT / "templates/emails").rglob("subject.txt")}
    assert len(named) > 10 and named <= set(KINDS) and folders == set(KINDS)
    assert all(kind.samples(language) for kind in KINDS.values() for language in ("zh-hant", "en"))
    assert all((ROOT / f"templates/emails/{kind}/body.txt").is_file() for kind in KINDS)


def test_every_recorded_act_has_words() -> None:
    acts: set[str] = set()
    for package in MAY_IMPORT:
        for path in modules(package):
            acts |= set(
                re.findall(
                    r'(?:log\.(?:event|record|record_read)|record_change)\(\s*"([a-z_]+\.[a-z_]+)"',
                    path.read_text(),
                )
            )
    assert len(acts) > 30 and not acts - ACTS.keys()


def test_every_constraint_is_named_after_its_app() -> None:
    for label in PACKAGES:
        for model in apps.get_app_config(label).get_models():
            for constraint in model._meta.constraints:
                assert constraint.name.startswith(f"{label}_"), constraint.name


def test_nothing_private_is_committed() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    private = re.compile(r"BEGIN [A-Z ]*PRIVATE KEY|/home/[a-z]+/|/work" + "/main")
    for name in filter(None, listed):
        path = ROOT / name
        assert "moe_elementary" not in name and "secondary_schools_c2012" not in name
        assert path.suffix != ".mo", f"{name} is compiled when the application is installed"
        if path.suffix in (".py", ".md", ".sh", ".html", ".txt", ".toml", "") and path.is_file():
            assert not private.search(path.read_text(errors="replace")), name


def test_the_handbook_covers_every_topic() -> None:
    for folder, handler, teacher in (
        ("docs/handbook", "業務", "教師"),
        ("docs/handbook/en", "Handler", "Teacher"),
    ):
        titles = [path.read_text().splitlines()[0] for path in (ROOT / folder).glob("*.md")]
        assert sum(handler in title for title in titles) >= 6, folder
        assert sum(teacher in title for title in titles) >= 2, folder
