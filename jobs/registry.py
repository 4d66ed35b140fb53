"""What can be done in the background: each app registers its kinds of work in its `jobs` module."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from jobs.progress import Work

Run = Callable[["Work"], str]


@dataclass(frozen=True)
class JobKind:
    """`run` does the work and returns the sentence shown at the end; the sentence of a Refusal is shown likewise.

    `repeatable`: doing it again after a crash in the middle is safe, so it is started again by itself.
    `template`: what the job's page shows of the outcome, and what comes next; with `preview` also the first rows of its result, a CSV.
    `columns`: the headings by which the kind finds the table in its file.
    `pauses`: it may take minutes and nobody waits for it at the screen, so it leaves the machine to others again and again (`jobs.pacing`).
    """

    name: str
    label: Promise
    run: Run
    repeatable: bool = False
    template: str = ""
    preview: bool = False
    columns: tuple[str, ...] = ()
    pauses: bool = False


_job_kinds: dict[str, JobKind] = {}


def job_kind(
    name: str,
    label: Promise,
    *,
    repeatable: bool = False,
    template: str = "",
    preview: bool = False,
    columns: tuple[str, ...] = (),
    pauses: bool = False,
) -> Callable[[Run], Run]:
    """Register the decorated function under `name`."""

    def register(run: Run) -> Run:
        _job_kinds[name] = JobKind(name, label, run, repeatable, template, preview, columns, pauses)
        return run

    return register


def known(name: str) -> JobKind:
    """The kind of that name. A row of a kind that no longer exists keeps its page, but cannot run."""
    return _job_kinds.get(name) or JobKind(name, _("work of a former kind"), _unknown)


def _unknown(work: "Work") -> str:
    raise LookupError(f"no kind of work {work.job.kind!r}")
