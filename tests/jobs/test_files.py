"""What background work leaves on the disk: nothing of what was cancelled or failed, and nothing that others may read."""

import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from jobs import actions, files, runner
from jobs.enums import JobState
from jobs.models import Job
from jobs.progress import Work
from jobs.registry import job_kind as register
from kit import clock, tables
from tests.factories import acting, make_account, make_lead, make_unit
from tests.jobs.work import done


@pytest.fixture
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, empty."""
    folder = tmp_path / "spool"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize("fmt", tables.FORMATS)
def test_a_table_that_is_broken_off_leaves_no_temporary_file(spool: Path, fmt: str) -> None:
    seen: list[Path] = []

    def rows() -> Iterator[tables.Row]:
        for number in range(3000):
            yield ["A123456789", str(number)]
        seen.extend(spool.rglob("*"))
        raise RuntimeError("cancelled")

    with pytest.raises(RuntimeError):
        tables.write(io.BytesIO(), fmt, ["a", "b"], rows())
    assert (len(seen) > 0) == (fmt == "xlsx") and not list(spool.iterdir())


def test_a_whole_table_leaves_no_temporary_file_either(spool: Path) -> None:
    assert tables.write(io.BytesIO(), "xlsx", ["a"], ([n] for n in range(10))) == 10
    assert not list(spool.iterdir())


def test_what_a_killed_process_left_goes_after_a_day(spool: Path, settings: Any, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    left, young, other = (spool / name for name in ("inservice-table-1", "inservice-table-2", "other"))
    for folder in (left, young, other):
        folder.mkdir()
        (folder / "rows").write_text("A123456789")
    piece, new = (settings.FILE_UPLOAD_TEMP_DIR / name for name in ("1.upload.csv", "2.upload.csv"))
    piece.write_text("A123456789")
    new.write_text("A123456789")
    old = time.time() - 2 * 24 * 3600
    for path in (left, other, piece):
        os.utime(path, (old, old))
    assert files.forget_spools(clock.now() - timedelta(hours=24)) == 2
    assert not left.exists() and young.exists() and other.exists()
    assert not piece.exists() and new.exists()


def test_the_tests_throw_away_nothing_of_another_process() -> None:
    """Workers of the tests, and sites, share the temporary folder of the machine."""
    with tempfile.TemporaryDirectory(prefix=tables.SPOOL, dir=os.environ.get("TMPDIR", "/tmp")) as other:
        os.utime(other, (0, 0))
        files.forget_spools(clock.now())
        assert Path(other).exists()


def here(settings: Any, folder: Path) -> None:
    default = settings.STORAGES["default"]
    options = {**default.get("OPTIONS", {}), "location": folder}
    settings.STORAGES = {**settings.STORAGES, "default": {**default, "OPTIONS": options}}


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_the_embedded_folder_is_for_the_application_alone(tmp_path: Path) -> None:
    """Also one that an earlier version left open."""
    var = tmp_path / "var"
    (var / "media").mkdir(parents=True, mode=0o755)
    (var / "inservice.sqlite3").touch(0o644)
    env = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL")}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v", "0", "contenttypes"],
        env={**env, "VAR_DIR": str(var), "DJANGO_SETTINGS_MODULE": "inservice.settings"},
        check=True,
    )
    folders = {path.name: mode(path) for path in (var, var / "media", var / "mail", var / "broker")}
    assert folders == {"var": 0o700, "media": 0o700, "mail": 0o700, "broker": 0o700}
    readable = [path for path in var.glob("*") if path.is_file() and mode(path) != 0o600]
    assert not readable and (var / "inservice.sqlite3").stat().st_size > 0


@pytest.mark.django_db
def test_what_was_made_before_a_cancel_is_thrown_away(
    settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    here(settings, tmp_path)

    @register("test_made_then_failed", "made, then failed")  # type: ignore[arg-type]
    def make_and_fail(work: Work) -> str:
        work.write_table("names", "csv", ["name"], [["A123456789"]])
        raise RuntimeError

    with django_capture_on_commit_callbacks(execute=True):
        job = done(actions.start("test_made_then_failed", by=acting(make_account())))
    assert (job.state, job.result_file, job.result_name) == (JobState.FAILED, "", "")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.django_db
def test_a_lead_of_two_units_starts_the_same_export_under_each_hat() -> None:
    first = make_lead(make_unit("134526"))
    second = make_lead(make_unit("134527"), user=first.user)
    jobs = {
        actions.start("unit_records", by=acting(hat), parameters={"format": "csv"}) for hat in (first, second)
    }
    again = actions.start("unit_records", by=acting(second), parameters={"format": "csv"})
    assert len(jobs) == 2 and again in jobs and Job.objects.count() == 2
    assert runner.sweep()["buried"] == 0
