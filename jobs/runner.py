"""Carrying jobs out: claiming, the work itself, the end; what is done about workers that died; what is thrown away."""

import logging
from contextlib import nullcontext
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from audit import trace
from jobs import files, live_status, pacing, registry
from jobs.actions import send
from jobs.enums import JobState
from jobs.models import REMEMBERED, RESULT_RETENTION, SILENT_AFTER, Job, JobRefusal
from jobs.progress import Cancelled, Lost, Work
from kit import clock
from kit.errors import Refusal
from kit.one_by_one import one_by_one
from notices import outbox

logger = logging.getLogger(__name__)
# Longer work gets a notice in the inbox: the person may have left the page.
WORTH_A_NOTICE = 30.0
MOST_ATTEMPTS = 3


def claim(job_id: int) -> Job | None:
    """Claim a waiting job for this worker; None when another worker has it or it was cancelled. The conditional UPDATE decides."""
    now = clock.now()
    taken = Job.objects.filter(pk=job_id, state=JobState.WAITING).update(
        state=JobState.RUNNING, started_at=now, heartbeat_at=now, attempts=F("attempts") + 1
    )
    return Job.objects.select_related("owner").get(pk=job_id) if taken else None


def run(job_id: int) -> bool:
    """Run a job from claim to end; return whether it was this worker's. Any error becomes a sentence for the person."""
    job = claim(job_id)
    if job is None:
        return False
    token = trace.current.set(trace.Trace(request_id=job.request_id))
    try:
        with translation.override(job.language):
            _carry_out(Work(job))
    finally:
        trace.current.reset(token)
    return True


def _carry_out(work: Work) -> None:
    try:
        message = _run(registry.known(work.job.kind), work)
    except Cancelled:
        _finish(work, JobState.CANCELLED, _("Cancelled."))
    except Lost:
        logger.warning("job lost to another attempt", extra={"job": work.job.pk})
    except Refusal as refusal:
        _finish(work, JobState.FAILED, refusal.message)
    except Exception:  # noqa: BLE001 - the trace goes into the log, a sentence to the person
        logger.exception("job failed", extra={"job": work.job.pk, "kind": work.job.kind})
        _finish(work, JobState.FAILED, _crashed(work.job))
    else:
        _finish(work, JobState.DONE, message)


def _run(kind: registry.JobKind, work: Work) -> str:
    with pacing.with_pauses() if kind.pauses else nullcontext():
        return kind.run(work)


def _crashed(job: Job) -> str:
    said = _(
        "Something went wrong on our side; what was not finished has not been saved. Please start it again."
    )
    if job.request_id:
        said += " " + _("If it happens again, tell the operator this number: %s") % job.request_id[:12]
    return said


@transaction.atomic
def _finish(work: Work, state: JobState, message: str) -> None:
    """The last write of an attempt that still owns its job; another changes nothing."""
    job = work.job
    if state != JobState.DONE and job.result_file:
        # Written before the work was cancelled or failed: it must not be downloaded.
        files.forget(job.result_file)
        job.result_file = job.result_name = job.result_type = ""
    finished = work.done if state == JobState.DONE else work.total
    ended = work.mine().update(
        state=state,
        message=message[:500],
        outcome=work.outcome,
        done=work.done,
        total=None if finished is None else max(finished, work.done),
        refused=work.refused,
        result_file=job.result_file,
        result_name=job.result_name,
        result_type=job.result_type,
        finished_at=clock.now(),
    )
    if not ended:
        files.forget(job.result_file)
        return
    JobRefusal.objects.bulk_create(work.refusals, batch_size=500)
    job.refresh_from_db()
    if job.seconds > WORTH_A_NOTICE:
        _notify(job)


def _notify(job: Job) -> None:
    """The owner's bell; no mail: it is about something the person does at this moment."""
    outbox.write(
        [
            outbox.NewNotice(
                kind="job_done",
                to=job.owner,
                about=f"job:{job.pk}",
                event=job.finished_at,
                path=reverse("jobs:job", args=[job.pk]),
                context={
                    "label": job.label,
                    "state": JobState(job.state).label,
                    "message": job.message,
                },
                by_mail=False,
            )
        ]
    )


def sweep(at: datetime | None = None) -> dict[str, int]:
    """Send again what waits too long, and end or repeat what has gone silent. Safe to run twice and at once.

    The first sweep after a pause buries nothing: while Redis is away no work can show that it lives. A job that fails keeps no other
    from its turn. Raise an `ExceptionGroup` of all failures at the end.
    """
    now = at or clock.now()
    counts = {"sent": 0, "buried": 0}
    with one_by_one(logger, "jobs could not be swept") as turn:
        for job in Job.objects.unstarted(now).order_by("sent_at", "id")[:100]:
            with turn(f"job {job.pk}"):
                counts["sent"] += _send_again(job, now)
        silent = Job.objects.silent(now).select_related("owner") if live_status.signs_were_seen() else ()
        for job in silent:
            with turn(f"job {job.pk}"):
                counts["buried"] += _bury_if_silent(job, now)
    return counts


def _send_again(job: Job, now: datetime) -> bool:
    waiting = Job.objects.filter(pk=job.pk, sent_at=job.sent_at, state=JobState.WAITING)
    if not waiting.update(sent_at=now):
        return False
    send(job.pk)
    return True


def _bury_if_silent(job: Job, now: datetime) -> bool:
    is_silent = now.timestamp() - live_status.last_sign(job) >= SILENT_AFTER.total_seconds()
    return is_silent and _bury(job, now)


def _bury(job: Job, now: datetime) -> bool:
    """Record the death of this attempt's worker. Nothing is half-saved: either the row shows that all was committed, or
    nothing was, or the work was done in chunks, each whole, and continues after the last of them.
    """
    mine = Work(job).mine().filter(heartbeat_at=job.heartbeat_at)
    again = registry.known(job.kind).repeatable and job.attempts < MOST_ATTEMPTS
    if again and not job.cancel_asked_at and not job.committed_at:
        if mine.update(state=JobState.WAITING, sent_at=now):
            transaction.on_commit(lambda: send(job.pk))
            return True
        return False
    with translation.override(job.language):
        if job.committed_at:
            state, message = (
                JobState.DONE,
                _("Everything is saved. The worker ended before it could report more."),
            )
        elif job.cancel_asked_at:
            state, message = JobState.CANCELLED, _("Cancelled.")
        else:
            state, message = (
                JobState.FAILED,
                _("The worker died, and nothing more was saved. Please start it again."),
            )
    logger.warning("job silent", extra={"job": job.pk, "kind": job.kind, "state": state})
    return bool(mine.update(state=state, message=message, finished_at=now))


def expire(at: datetime | None = None) -> dict[str, int]:
    """Throw away the files and refused rows of what finished 24 hours ago, and after 30 days the row. Safe to run twice:
    a crash in the middle leaves a file that the next run finds as a stray. A job that fails keeps no other from its turn. Raise an
    `ExceptionGroup` of all failures at the end.
    """
    now, counts = at or clock.now(), {"expired": 0, "strays": 0, "forgotten": 0}
    with one_by_one(logger, "files of jobs could not be deleted") as turn:
        for job in Job.objects.outlived(now):
            with turn(f"job {job.pk}"):
                _expire(job, now)
                counts["expired"] += 1
        with turn("rows of old jobs"):
            counts["forgotten"] = Job.objects.filter(expired_at__lt=now - REMEMBERED).delete()[0]
        with turn("strays"):
            counts["strays"] = files.forget_unnamed(now - RESULT_RETENTION) + files.forget_spools(
                now - RESULT_RETENTION
            )
    return counts


def _expire(job: Job, now: datetime) -> None:
    with transaction.atomic():
        Job.objects.filter(pk=job.pk).update(input_file="", result_file="", expired_at=now)
        job.refusals.all().delete()
    files.forget(job.result_file)
    if not Job.objects.filter(input_file=job.input_file).exists():
        files.forget(job.input_file)
