"""Which tests the PostgreSQL part leaves to SQLite (docs/testing.md)."""

from pathlib import Path

import pytest

from tests.conftest import needs_no_database


def test_a_test_without_a_database_is_left_to_sqlite(request: pytest.FixtureRequest) -> None:
    assert needs_no_database(request.node)


def test_a_test_with_a_database_runs_on_both(db: None, request: pytest.FixtureRequest) -> None:
    assert not needs_no_database(request.node)


@pytest.mark.django_db
def test_so_does_one_that_requests_it_by_its_mark(request: pytest.FixtureRequest) -> None:
    assert not needs_no_database(request.node)


@pytest.mark.once
@pytest.mark.django_db
def test_a_test_that_is_decided_before_the_database_runs_once(request: pytest.FixtureRequest) -> None:
    assert needs_no_database(request.node)


@pytest.mark.parametrize(("mark", "folder"), [("redis", "worker"), ("browser", "browser")])
def test_a_part_collects_the_folder_of_its_tests_only(mark: str, folder: str) -> None:
    """script/test names these folders, which spares a part the import of all other tests."""
    tests = Path(__file__).parent.parent
    marked = {path.parent.name for path in tests.rglob("test_*.py") if f"mark.{mark}\n" in _with_ends(path)}
    assert marked == {folder}


def test_the_processes_of_a_run_keep_the_bytecode_that_they_compile() -> None:
    """Images for containers forbid it: each of the hundreds of processes would compile all modules anew."""
    script = (Path(__file__).parent.parent.parent / "script/test").read_text()
    forbidden = script.index("unset PYTHONDONTWRITEBYTECODE")
    assert forbidden < script.index("$python -m tests.servers -- $python -m pytest")


def _with_ends(path: Path) -> str:
    return path.read_text().replace(",", "\n").replace("]", "\n")
