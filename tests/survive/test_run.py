"""A run of `script/survive` goes on after a row that broke, and leaves a report also when it is interrupted."""

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from survive import __main__ as run
from survive import report, rows
from survive.processes import ROOT
from survive.row import ROWS, Result, Row


class FakeStack:
    """A stack of which a row ends a part."""

    ended: list[str] = []

    def mend(self) -> list[str]:
        ended, self.ended = self.ended, []
        return ended

    def facts(self) -> dict[str, str]:
        return {"PostgreSQL": "17.5", "fsync": "on"}


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeStack:
    """The rows of the test run on a stack without a server; reports are written to a folder of the test."""
    fake = FakeStack()

    @contextlib.contextmanager
    def running() -> Iterator[FakeStack]:
        yield fake

    monkeypatch.setattr(run, "running", running)
    monkeypatch.setattr(rows, "load", lambda: None)
    monkeypatch.setattr(report, "FOLDER", tmp_path / "results")
    monkeypatch.setattr(sys, "argv", ["survive"])
    return fake


def set_rows(monkeypatch: pytest.MonkeyPatch, *acts: Any) -> None:
    made = {str(n): Row(str(n), f"row {n}", "0 lost", act, {}, {}) for n, act in enumerate(acts, start=1)}
    for name in list(ROWS):
        monkeypatch.delitem(ROWS, name)
    for name, row in made.items():
        monkeypatch.setitem(ROWS, name, row)


def breaks(stack: Any) -> Result:
    stack.ended = ["PostgreSQL"]
    raise RuntimeError(f"{ROOT}/manage.py and {tempfile.gettempdir()}/inservice-survive-x went wrong")


def holds(stack: Any) -> Result:
    assert not stack.ended
    return Result(tries=3, text="all there")


def interrupted(stack: Any) -> Result:
    raise KeyboardInterrupt


def test_a_row_that_breaks_ends_no_other_and_names_no_folder(
    stack: FakeStack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_rows(monkeypatch, breaks, holds)
    assert run._run() == 1
    assert "after row 1 had to be started again: ['PostgreSQL']" in capsys.readouterr().out
    (path,) = report.FOLDER.iterdir()
    text = path.read_text()
    assert "| 2 | row 2 | 0 lost | holds | 3 | 0 |" in text and "missing" not in text
    assert "the row itself broke: RuntimeError: ./manage.py and inservice-survive-x" in text
    assert str(ROOT) not in text and "PostgreSQL 17.5" in text


def test_an_interrupted_run_leaves_what_it_has_found(
    stack: FakeStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_rows(monkeypatch, holds, interrupted, holds)
    with pytest.raises(KeyboardInterrupt):
        run._run()
    (path,) = report.FOLDER.iterdir()
    assert "2 rows are missing: the run was not finished." in path.read_text()


@pytest.mark.parametrize("words", [["--short"], ["--row", "1"], ["--set", "kills=1"]], ids=" ".join)
def test_a_run_with_other_numbers_writes_no_report(
    stack: FakeStack, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    set_rows(monkeypatch, holds)
    monkeypatch.setattr(sys, "argv", ["survive", *words])
    assert run._run() == 0
    assert not report.FOLDER.exists()
