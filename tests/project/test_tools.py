"""The tools that a developer runs by hand: each starts as the documents describe."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import polib
import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
# Other workers write it meanwhile.
BYTECODE = shutil.ignore_patterns("__pycache__")


def test_pre_commit_has_local_hooks_only_which_need_no_network() -> None:
    repos = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [repo["repo"] for repo in repos] == ["local"]
    for hook in repos[0]["hooks"]:
        assert hook["language"] == "system", hook["id"]
        assert (ROOT / hook["entry"].split()[0]).exists(), hook["entry"]


def test_the_version_is_that_of_the_changelog_and_of_the_interface() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert version == settings.VERSION
    released = [line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line.startswith("## [")]
    assert released[0] == "## [Unreleased]"
    assert released[1].startswith(f"## [{version}] - 20")


def test_script_test_says_how_to_choose_tests() -> None:
    said = subprocess.run(
        ["script/test", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    contributing = (ROOT / "CONTRIBUTING.md").read_text()
    for option in ("--postgres", "--redis", "--browser", "-k", "--lf", "--all", "--long"):
        assert option in said and option in contributing, option


def test_pytest_remembers_what_failed(tmp_path: Path) -> None:
    """`--lf` needs pytest's cache, which git ignores."""
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    assert "no:cacheprovider" not in options["addopts"]
    ignored = subprocess.run(["git", "check-ignore", ".pytest_cache/"], cwd=ROOT, capture_output=True)
    assert ignored.returncode == 0


@pytest.mark.parametrize("name", ["messages", "shots"])
def test_a_script_finds_the_virtual_environment_by_itself(name: str) -> None:
    """Started with `-S` the Python that made .venv knows no installed package at all."""
    system = Path(sys.base_prefix) / "bin/python3"
    said = subprocess.run(
        [system, "-S", f"script/{name}", "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert f"script/{name}" in said.stdout and "Traceback" not in said.stderr, said.stderr


def copy_scripts(to: Path) -> None:
    """Copy the scripts, what they import of the product, and the catalogue."""
    for name in ("script", "kit", "locale"):
        shutil.copytree(ROOT / name, to / name, ignore=BYTECODE)
    (to / "inservice").mkdir()
    for name in ("__init__.py", "packages.py"):
        shutil.copy(ROOT / "inservice" / name, to / "inservice" / name)
    (to / ".venv").symlink_to(ROOT / ".venv")


def test_the_catalogue_names_places_and_keeps_comments_for_translators(tmp_path: Path) -> None:
    """In a copy of the scripts with one module and one template of their own."""
    copy_scripts(tmp_path)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/page.html").write_text("{# Translators: on a button #}\n{% translate 'Knit' %}")
    (tmp_path / "kit/knitting.py").write_text("# Translators: a craft\nname = _('Knit')\n")
    subprocess.run(
        [sys.executable, "script/messages", "update"], cwd=tmp_path, capture_output=True, check=True
    )
    catalogue = (tmp_path / "locale/zh_Hant/LC_MESSAGES/django.po").read_text()
    entry = next(entry for entry in catalogue.split("\n\n") if 'msgid "Knit"' in entry)
    assert "#: kit/knitting.py templates/page.html" in entry
    assert "#. Translators: a craft\n#. Translators: on a button" in entry


def test_a_string_with_a_plural_is_not_used_alone(tmp_path: Path) -> None:
    """Python before 3.11.4 finds no translation of it: the page would be English there and nowhere else."""
    copy_scripts(tmp_path)

    def said(name: str) -> str:
        text = f"name = {name}\nnames = ngettext('stitch', 'stitches', 2)\n"
        (tmp_path / "kit/knitting.py").write_text(text)
        command = [sys.executable, "script/messages", "check"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout

    fault = "used alone and with a plural, give one a context: 'stitch'"
    assert fault in said("_('stitch')")
    assert fault not in said("pgettext('one', 'stitch')")


def test_a_translation_that_other_places_use_is_replaced_by_a_change_only(tmp_path: Path) -> None:
    copy_scripts(tmp_path)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/page.html").write_text(
        "{% translate 'Knit' %}{% translate 'Knit' context 'machine' %}{% translate 'Purl' %}"
    )

    def merged(given: dict[str, str], *options: str) -> tuple[int, dict[tuple[str | None, str], str]]:
        (tmp_path / "given.json").write_text(json.dumps(given))
        command = [sys.executable, "script/messages", "merge", "given.json", *options]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True)
        entries = polib.pofile(str(tmp_path / "locale/zh_Hant/LC_MESSAGES/django.po"))
        mine = {(e.msgctxt, e.msgid): e.msgstr for e in entries if e.msgid in ("Knit", "Purl")}
        return done.returncode, mine

    first = {(None, "Knit"): "編織", ("machine", "Knit"): "機織", (None, "Purl"): ""}
    assert merged({"Knit": "編織", "machine\4Knit": "機織"}) == (0, first)
    assert merged({"Knit": "打毛線", "Purl": "上針"}) == (1, first)
    assert merged({"machine\4Knit": "針織", "Purl": "上針"}) == (1, first)
    changed = {(None, "Knit"): "編織", ("machine", "Knit"): "針織", (None, "Purl"): "上針"}
    assert merged({"machine\4Knit": "針織", "Purl": "上針"}, "--change") == (0, changed)
    assert merged({"Purl": "上針"}) == (0, changed)


def test_the_catalogue_is_locked_by_its_own_folder() -> None:
    """A lock file in /tmp would belong to the first account that ran the script, and refuse the others."""
    folder = os.open(ROOT / "locale/zh_Hant/LC_MESSAGES", os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    script = subprocess.Popen([sys.executable, "script/messages", "compile"], cwd=ROOT)
    try:
        while not (waits := _waits(script.pid)) and script.poll() is None:
            time.sleep(0.05)
    finally:
        os.close(folder)
    assert script.wait(60) == 0 and waits


def _waits(pid: int) -> bool:
    lines = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return any("->" in line and str(pid) in line for line in lines)
