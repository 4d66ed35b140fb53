"""What the documents tell people to type exists: commands, scripts, their options, and the settings of the environment, both ways."""

import argparse
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand

from survive.__main__ import command_line

ROOT = Path(settings.BASE_DIR)
DOCUMENTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/handbook/**/*.md")]
    if path.name != "CHANGELOG.md"
)
# A command with what follows it on its line, up to the next one; a comment behind it may name more of its options.
TYPED = re.compile(r"(?:manage\.py|(?<![\w/])script/)\s*[a-z][\w-]*(?:(?!manage\.py|script/|&&|;\s|`).)*")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
NAME = re.compile(r"(?<![\w.$])[A-Z][A-Z0-9]*_[A-Z0-9_]+(?![\w(])")
# Words in capitals of the documents that are no settings of the product: of the tests, of packages and of the code.
OTHER_NAMES = {
    *("ANY_DAY", "UNIT_ROLES", "LC_MESSAGES", "WHITENOISE_AUTOREFRESH"),
    *("MIGRATED_DUMP", "MIGRATED_POSTGRES", "MIGRATED_SQLITE", "RUN_LONG"),
}
# Read by compose.yaml for the proxy and by deploy/gunicorn.conf.py.
OF_DEPLOY = {"SITE_HOST", "WEB_THREADS", "WEB_WORKERS"}


def typed(text: str) -> Iterator[tuple[str, str, list[str]]]:
    """Return each command of a text: "manage.py" or "script/", its name, and its options."""
    for hit in TYPED.findall(text):
        kind = "manage.py" if hit.startswith("manage.py") else "script/"
        word = re.match(r"\s*([a-z][\w-]*(?:\.py)?)", hit.removeprefix(kind))
        if word and not hit.startswith("manage.py --"):
            yield kind, word[1], OPTION.findall(hit)


@cache
def options_of(kind: str, name: str) -> frozenset[str] | None:
    """Return the options that a command takes, by its own parser; None if there is no such command."""
    if kind == "manage.py":
        app = get_commands().get(name)
        if app is None:
            return None
        command = app if isinstance(app, BaseCommand) else load_command_class(app, name)
        return of_parser(command.create_parser("manage.py", name))
    if not (ROOT / "script" / name).is_file():
        return None
    if name == "restore-drill":
        return options_of("manage.py", "restore_drill")
    if name == "survive":
        return of_parser(command_line())
    # A script with a parser of its own: the words that it compares with, not those of its comments.
    lines = (ROOT / "script" / name).read_text().splitlines()
    code = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    return frozenset(re.findall(r"""(?<=["' |(])--[a-z][a-z-]*(?=["' |)\]]|$)""", code, re.MULTILINE))


def of_parser(parser: argparse.ArgumentParser) -> frozenset[str]:
    return frozenset(parser._option_string_actions)


def wrong_commands(text: str) -> list[str]:
    found = []
    for kind, name, options in typed(text):
        known = options_of(kind, name)
        if known is None:
            found.append(f"{kind} {name}")
            continue
        if name != "test":  # what follows may be pytest's
            found += [f"{kind} {name} {option}" for option in options if option not in known]
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_command_of_a_document_exists_with_its_options(document: Path) -> None:
    assert wrong_commands(document.read_text()) == []


def test_a_wrong_command_and_a_wrong_option_are_found() -> None:
    text = (
        "`manage.py backup --to X --plain`, `manage.py restor`, `manage.py doctor --colour`; script/shots --al DIR\n"
        "script/restore-drill --from FILE && manage.py retention --dry  # --only RULE\nscript/surviv"
    )
    assert wrong_commands(text) == [
        "manage.py restor",
        "manage.py doctor --colour",
        "script/ shots --al",
        "manage.py retention --dry",
        "script/ surviv",
    ]


# A run of some tests, as the documents and the script's own help write it: up to two blanks, a backquote or the end of the line.
RUN = re.compile(r"script/test(?: (?! )[^\n`]*?)?(?=  |`|$)", re.MULTILINE)


@cache
def all_tests() -> list[tuple[str, str]]:
    """Return each test as its path and name, with the text of its file."""
    found = []
    for path in sorted(ROOT.glob("tests/**/test_*.py")):
        text = path.read_text()
        where = path.relative_to(ROOT)
        found += [(f"{where}::{name}", text) for name in re.findall(r"^def (test_\w+)", text, re.MULTILINE)]
    return found


def found_by(run: str) -> int:
    """Return how many tests a run of `script/test` would find by its kinds, its paths and the words of `-k`."""
    words = shlex.split(run)[1:]
    chosen = words[words.index("-k") + 1] if "-k" in words else ""
    paths = [word for word in words if word.startswith("tests/")]
    kinds = {word.removeprefix("--") for word in words} & {"redis", "browser"}
    return sum(
        (not paths or any(test.startswith(path) for path in paths))
        and all(word in test for word in chosen.split(" and "))
        and all(f"mark.{kind}" in text or test.startswith(f"tests/{kind}/") for kind in kinds)
        for test, text in all_tests()
    )


@pytest.mark.parametrize("document", [*DOCUMENTS, ROOT / "script/test"], ids=lambda path: path.name)
def test_a_run_of_a_document_finds_tests(document: Path) -> None:
    """pytest ends with an error where a word of `-k` fits no test any more."""
    # Of a script only what its help prints.
    text = document.read_text().partition("END\n}")[0]
    runs = [run for run in RUN.findall(text) if "PYTEST" not in run]
    assert not [run for run in runs if not found_by(run)]


def test_a_run_without_tests_is_found() -> None:
    text = "script/test --redis -k nothing_like_it   with\n`script/test tests/jobs/test_files.py -k full`\nscript/test"
    assert [bool(found_by(run)) for run in RUN.findall(text)] == [False, False, True]


def settings_read() -> set[str]:
    """Return the names that the settings read from the environment."""
    source = (ROOT / "inservice/settings.py").read_text()
    names = set(re.findall(r'\benv(?:\.\w+)?\(\s*"([A-Z_]+)"', source))
    return names | {f"SETUP_OPERATOR_{name}" for name in ("EMAIL", "NAME")}


def settings_named(text: str) -> set[str]:
    """Return the settings that a text names in code: in backquotes, or set at the beginning of a line."""
    code = re.findall(r"`([^`\n]+)`", text) + re.findall(
        r"^\s*(?:export )?[A-Z][A-Z0-9_]*=", text, re.MULTILINE
    )
    return {name for part in code for name in NAME.findall(part)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_setting_of_a_document_is_read(document: Path) -> None:
    named = settings_named(document.read_text())
    assert sorted(named - settings_read() - OF_DEPLOY - OTHER_NAMES) == []


def test_every_setting_that_is_read_is_documented() -> None:
    text = "\n".join(path.read_text() for path in ROOT.glob("docs/*.md"))
    assert len(settings_read()) > 70
    missing = [
        name for name in sorted(settings_read()) if not re.search(rf"`[^`\n]*\b{name}\b[^`\n]*`", text)
    ]
    assert missing == []


def test_a_setting_that_nothing_reads_is_found() -> None:
    assert settings_named("`BACKUP_DIR`, `BACKUP_FOLDER=/x`, `courses.enums.X_Y`\nOTHER_ONE=1\n") == {
        *("BACKUP_DIR", "BACKUP_FOLDER", "OTHER_ONE")
    }
