"""What the documents name exists: files, folders, modules, functions, settings of a script, links to one another."""

import importlib
import importlib.util
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from inservice import packages
from tests.project.test_house_rules import MAY_IMPORT

ROOT = Path(settings.BASE_DIR)
PACKAGES = {*packages.PACKAGES, "bench", "survive"}
FOLDERS = PACKAGES | {"docs", "script", "static", "templates", "tests", "locale", "deploy", "var"}
CODE = re.compile(r"`([^`\n]+)`")
# An ADR describes what was decided then; a name that has changed since is history there. The handbook is for users.
DOCUMENTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("bench/*.md")]
    if path.name != "CHANGELOG.md"
)


def fenced(text: str) -> str:
    """The text without its blocks of code."""
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def named(text: str) -> Iterator[str]:
    """Return the backquoted dotted names and paths of the project."""
    for code in CODE.findall(fenced(text)):
        word = code.split("::")[0].split("(")[0].strip()
        dotted = re.fullmatch(r"([a-z_]+)(\.[A-Za-z_]\w*)+", word)
        path = re.fullmatch(r"([\w.-]+)(/[\w.\-*<>]*)+", word)
        if (dotted and dotted[1] in PACKAGES) or (path and path[1] in FOLDERS):
            yield word


def exists(name: str) -> bool:
    if "/" in name:
        return name.startswith("var/") or "<" in name or any(ROOT.glob(name.rstrip("/")))
    parts = name.split(".")
    if name in {model._meta.label for model in apps.get_models()}:
        return True
    # A module is found without running it: an entry point looks at the database.
    with suppress(ModuleNotFoundError):
        if importlib.util.find_spec(".".join(parts)):
            return True
    for most in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:most]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[most:]:
            fields = {field.name for field in found._meta.get_fields()} if hasattr(found, "_meta") else set()
            if attribute in fields:
                return True
            if not hasattr(found, attribute):
                return False
            found = getattr(found, attribute)
        return True
    return False


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_names_exists(document: Path) -> None:
    text = document.read_text()
    assert not [name for name in named(text) if not exists(name)]
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert not [link for link in links if link and not (document.parent / link).exists()]


def test_a_name_that_is_gone_is_found() -> None:
    text = "`kit.clock.today`, `kit.clock.yesterdays`, `courses/locks.py`, `courses/lock.py`, `courses.models.Course.handler`"
    assert [name for name in named(text) if not exists(name)] == ["kit.clock.yesterdays", "courses/lock.py"]


def test_no_document_lists_the_addresses_again() -> None:
    """`urls.py` and `<app>/rights.py` define them, and cannot be out of date."""
    listed = re.findall(r"^\| `\w+:\w+", (ROOT / "docs/architecture.md").read_text(), re.MULTILINE)
    assert len(listed) < 5, listed


def arrows(text: str) -> dict[str, set[str]]:
    """The packages of the first diagram, each with those to which its solid arrows lead."""
    diagram = text.split("```mermaid")[1].split("```")[0]
    lines = re.findall(r"^\s+(\w+)\[.*?\](.*)$", diagram, re.MULTILINE)
    return {name: set(re.findall(r"\w+", rest)) if "-->" in rest else set() for name, rest in lines}


def below(package: str, shown: dict[str, set[str]]) -> set[str]:
    """The packages below one in the diagram, at any distance."""
    return {deep for near in shown[package] for deep in {near} | below(near, shown)}


def test_the_diagram_shows_each_package_and_each_import_that_is_allowed() -> None:
    shown = arrows((ROOT / "docs/architecture.md").read_text())
    assert shown.keys() == MAY_IMPORT.keys()
    # What `inservice` may name of the apps is a dotted arrow.
    for package in shown.keys() - {"inservice"}:
        assert shown[package] <= MAY_IMPORT[package] <= below(package, shown), package


def test_a_package_that_the_diagram_lacks_is_seen() -> None:
    shown = arrows("```mermaid\n    kit[a]\n    audit[b] --> kit\n    jobs[c] --> audit & kit\n```")
    assert shown == {"kit": set(), "audit": {"kit"}, "jobs": {"audit", "kit"}}
    assert below("jobs", shown) == {"audit", "kit"} and below("kit", shown) == set()


def test_decisions_have_the_four_parts() -> None:
    for path in sorted(ROOT.glob("docs/adr/*.md")):
        parts = re.findall(r"^## (\w+)", path.read_text(), re.MULTILINE)
        assert parts == ["Context", "Decision", "Alternatives", "Consequences"], path.name


def test_every_script_of_the_documents_is_executable() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-s", "script"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for line in listed.stdout.splitlines():
        mode, *_, name = line.split()
        assert mode == "100755" or name.endswith(".py"), name


# Rows that belong to a word of the glossary, and rows of a mechanism that no page names.
NO_WORDS = {
    "audit": {"AuditSubject", "AuditSeal", "AuditChain"},
    "notices": {"NoticeSetting", "TimedRun"},
    "jobs": {"JobRefusal"},
    "accounts": {
        "FormerName", "FormerCode", "UnitSuccessor", "UnitListRow", "IdentityChange", "Proof",
        "Title", "Level", "Counter", "Throttle", "PasswordMemory", "KeyCanary",
    },
    "bulletin": {"Dismissal"},
    "courses": {"Stage", "AudienceGroup", "Tag", "CourseNature", "CampaignUnit", "LightChange"},
    "hours": {"LookUpDay", "SurveyQuestion", "SurveyAnswered"},
    "api": {"IdempotencyKey"},
    "backup": {"Run"},
}  # fmt: skip


def test_the_glossary_has_every_model_that_is_a_word_of_the_interface() -> None:
    text = (ROOT / "docs/glossary.md").read_text()
    lacking: dict[str, set[str]] = {}
    for model in apps.get_models():
        app = model._meta.app_label
        if app in PACKAGES and not re.search(rf"\b{model.__name__}\b", text):
            lacking.setdefault(app, set()).add(model.__name__)
    assert lacking == NO_WORDS


def searches() -> list[tuple[str, str]]:
    """Return the commands of "Finding things" in the recipes, each with the file that it finds."""
    text = (ROOT / "docs/recipes.md").read_text().split("## Finding things")[1].split("\n## ")[0]
    return re.findall(r"^\| .* \| `(git [^`]+)` \| `([^`]+)`", text, re.MULTILINE)


@pytest.mark.parametrize(("command", "file"), searches())
def test_a_search_of_the_recipes_finds_its_file_among_few_lines(command: str, file: str) -> None:
    found = subprocess.run(shlex.split(command), cwd=ROOT, capture_output=True, text=True, check=True)
    lines = found.stdout.splitlines()
    assert any(line.startswith(file) for line in lines) and len(lines) <= 50


def test_the_searches_of_the_recipes_are_read() -> None:
    assert len(searches()) == 8
