"""The interface of a piece of work to its job: its parameters and its progress."""

import time
import zipfile
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from django.db import connection

from files import storage
from jobs import files, live_status
from jobs.enums import JobState
from jobs.models import Job, JobQuerySet, JobRefusal
from kit import clock, tables
from kit.masking import mask

# Progress is reported, and cancelling checked, at most this often (seconds).
EVERY = 1.0


class Cancelled(Exception):
    """The person wants no more of it. Undoes the transaction that is open."""


class Lost(Exception):
    """The job was given up for dead and belongs to another attempt, or to none. Undoes the transaction that is open."""


class Progress(Protocol):
    """Where long work reports its progress. `step` and `commit` may raise, which rolls back what is not saved yet."""

    def begin(self, total: int | None) -> None: ...
    def step(self, count: int, refused: int = 0) -> None: ...
    def commit(self) -> None: ...


class Unwatched:
    """Progress without a watcher: a command."""

    def begin(self, total: int | None) -> None: ...
    def step(self, count: int, refused: int = 0) -> None: ...
    def commit(self) -> None: ...


class Work:
    def __init__(self, job: Job) -> None:
        self.job = job
        self.done, self.total, self.refused = job.done, job.total, 0
        self.refusals: list[JobRefusal] = []
        self._refused_lines: set[int] = set()
        # What chunks of an earlier attempt have saved.
        self.outcome: dict[str, Any] = dict(job.outcome) if job.done else {}
        self._reported = 0.0

    @property
    def parameters(self) -> dict[str, Any]:
        return dict(self.job.parameters)

    def begin(self, total: int | None) -> None:
        """How many rows there are at most; None when that is not known."""
        self.total = None if total is None else max(total, self.done)
        self._report()

    def step(self, count: int, refused: int = 0) -> None:
        """So many rows more are done. Raise Cancelled, Lost."""
        self.done += count
        self.refused += refused
        if time.monotonic() - self._reported >= EVERY:
            self._report()

    def save_step(self, count: int, outcome: dict[str, Any] | None = None) -> None:
        """Keep in the row, within the chunk's own transaction, that so many more are done, and what came of it so far: another
        attempt goes on from there. Raise Cancelled, Lost, which undo the chunk.
        """
        kept = self.outcome if outcome is None else outcome
        mine = self.mine().filter(cancel_asked_at=None)
        if not mine.update(done=self.done + count, total=self.total, outcome=kept):
            self._stop()
        self.done += count
        self.outcome = kept

    def commit(self) -> None:
        """Called last in the transaction that saves everything: from here the work is done. Raise Cancelled, Lost."""
        if not self.mine().filter(cancel_asked_at=None).update(committed_at=clock.now()):
            self._stop()

    def refuse(self, line: int, column: str, value: str, sentence: str) -> None:
        """Keep a wrong cell of a refused row, of the first thousand such rows; identity numbers in it are masked before anything is cut."""
        if line in self._refused_lines or len(self._refused_lines) < JobRefusal.MOST:
            self._refused_lines.add(line)
            row = JobRefusal(
                job=self.job,
                line=line,
                column=mask(column)[:60],
                value=mask(value)[:60],
                sentence=mask(sentence)[:300],
            )
            self.refusals.append(row)

    def input(self) -> AbstractContextManager[Path]:
        return storage.on_disk(self.job.input_file)

    def write_table(self, name: str, fmt: str, header: tables.Row, rows: Iterable[tables.Row]) -> int:
        """Write the result, a table named `name`.`fmt`; return its number of rows. Raise Cancelled, Lost, TooManyRows."""
        return self.write_extra_table(name, fmt, header, self._watched(rows))

    def write_extra_table(self, name: str, fmt: str, header: tables.Row, rows: Iterable[tables.Row]) -> int:
        """As `write_table`, for rows that are no steps of the work."""
        with files.being_written() as out:
            number = tables.write(out, fmt, header, rows, name=name)
            self._store(out, f"{name}.{fmt}", tables.TYPES[fmt])
        return number

    def write_archive(self, name: str, entries: Iterable[tuple[str, bytes]]) -> int:
        """Write the result, an archive `name`.zip of named files; return their number. What yields them reports progress."""
        number = 0
        with files.being_written() as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
                for entry, content in entries:
                    archive.writestr(entry, content)
                    number += 1
            self._store(out, f"{name}.zip", "application/zip")
        return number

    def write_file(self, name: str, content_type: str, content: bytes) -> None:
        """Write the result, a file that was made as a whole."""
        with files.being_written() as out:
            out.write(content)
            self._store(out, name, content_type)

    def _store(self, out: BinaryIO, name: str, content_type: str) -> None:
        out.seek(0)
        self.job.result_name, self.job.result_type = name[:150], content_type
        self.job.result_file = files.store_result(
            out, owner_id=self.job.owner_id, name=self.job.result_name, content_type=content_type
        )

    def _watched(self, rows: Iterable[tables.Row]) -> Iterable[tables.Row]:
        for row in rows:
            yield row
            self.step(1)

    def mine(self) -> JobQuerySet:
        """The row while this attempt still owns it."""
        return Job.objects.filter(pk=self.job.pk, state=JobState.RUNNING, attempts=self.job.attempts)

    def _report(self) -> None:
        self._reported = time.monotonic()
        if self.total is not None:
            self.total = max(self.total, self.done)
        figures = live_status.ProgressCounts(self.done, self.total, self.refused)
        live_status.report(self.job.pk, self.job.attempts, figures)
        if live_status.shall_stop(self.job.pk):
            raise Cancelled
        if connection.in_atomic_block:
            # A write in here would be invisible and lock the row against a person who wants to cancel.
            return
        row = self.mine().filter(cancel_asked_at=None)
        if not row.update(done=self.done, total=self.total, refused=self.refused, heartbeat_at=clock.now()):
            self._stop()

    def _stop(self) -> None:
        raise Cancelled if self.mine().exists() else Lost
