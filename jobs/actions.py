"""Start and cancel background work. Whether the person may start a kind of work is a rule of its app."""

import hashlib
import json
import logging
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Protocol, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import get_language

from audit import log
from audit.trace import current
from files import storage
from jobs import files, live_status
from jobs.enums import JobState
from jobs.errors import AlreadySaved, FileGone, JobOver, OtherHat
from jobs.models import Job, JobQuerySet
from kit import clock

logger = logging.getLogger(__name__)


class Starter(log.Acting, Protocol):
    """What a job has to know of the person who starts it."""

    @property
    def account_number(self) -> str: ...


@transaction.atomic
def start(
    name: str,
    *,
    by: Starter,
    parameters: Mapping[str, Any] | None = None,
    upload: "UploadedFile[Any] | None" = None,
    input_of: Job | None = None,
    total: int | None = None,
) -> Job:
    """Save the job, and send it to the workers after the commit. The same work, if waiting or running, is returned instead
    of started twice.

    `input_of`: work on the file of that job. Raise FileGone, FileEmpty, FileTooLarge, WrongFileType.
    """
    facts = dict(parameters or {})
    if input_of is not None and not input_of.input_file:
        raise FileGone
    source = storage.digest_of(upload) if upload else input_of.input_file if input_of else ""
    # The hat decides what the work covers: a lead of two units who starts the same export under both wants two.
    mark = hashlib.sha256(json.dumps([facts, source, by.account_number], sort_keys=True).encode()).hexdigest()
    same = Job.objects.live().filter(owner_id=by.person_id, kind=name, fingerprint=mark)
    if found := same.first():
        return found
    job = _row(name, by, facts, mark)
    job.total = total
    if upload:
        stored = files.store_upload(upload, job.owner_id)
        job.input_file, job.input_name = stored.path, stored.name
    elif input_of:
        job.input_file, job.input_name = input_of.input_file, input_of.input_name
    try:
        with transaction.atomic():
            job.save()
    except IntegrityError:
        # The other click of a double click was faster.
        return same.get()
    log.record("job.start", job, by=by, after={"kind": name, "file": job.input_name})
    transaction.on_commit(partial(send, job.pk))
    return job


def _row(name: str, by: Starter, facts: dict[str, Any], mark: str) -> Job:
    now = clock.now()
    return Job(
        kind=name,
        owner_id=cast(int, by.person_id),
        hat=by.hat_label[:200],
        account_number=by.account_number,
        language=get_language() or "zh-hant",
        request_id=current.get().request_id,
        fingerprint=mark,
        parameters=facts,
        created_at=now,
        sent_at=now,
    )


def send(job_id: int) -> None:
    """Hand a job to the workers. A broker that is down loses nothing: `jobs.tasks.sweep` sends it again."""
    from jobs.tasks import run

    try:
        run.delay(job_id)
    except Exception:  # noqa: BLE001 - whatever error the broker raises, the row waits
        logger.exception("job not sent", extra={"job": job_id})


@transaction.atomic
def cancel(*, job: Job, by: Starter, at: datetime | None = None) -> Job:
    """A waiting job ends at once, a running one at its next step, and what it has not saved is undone. Raise JobOver, AlreadySaved."""
    now = at or clock.now()
    # First, so that a worker inside a long transaction lets go of what this one may wait for.
    live_status.request_stop(job.pk)
    if not _stopped(Job.objects.filter(pk=job.pk), now):
        raise AlreadySaved if Job.objects.live().filter(pk=job.pk).exists() else JobOver
    job.refresh_from_db()
    log.record("job.cancel", job, by=by, after={"kind": job.kind, "state": job.state})
    return job


def _stopped(rows: JobQuerySet, now: datetime) -> bool:
    """The row's state decides: waiting, running, or stopped by its worker in this instant because of the wish above."""
    return bool(
        rows.filter(state=JobState.WAITING).update(
            state=JobState.CANCELLED, cancel_asked_at=now, finished_at=now
        )
        or rows.filter(state=JobState.RUNNING, committed_at=None).update(cancel_asked_at=now)
        or rows.filter(state=JobState.CANCELLED, cancel_asked_at=None).update(cancel_asked_at=now)
    )


def require_files(job: Job, by: Starter) -> None:
    """Files of a business account are taken under its hat: who no longer holds it takes nothing. Raise OtherHat."""
    if job.account_number and job.account_number != by.account_number:
        raise OtherHat(number=job.account_number)


@transaction.atomic
def record_download(*, job: Job, by: Starter, what: str) -> None:
    """Record that a file of the job leaves: `result` or `refused`. Raise OtherHat, FileGone."""
    require_files(job, by)
    if not (job.result_file if what == "result" else job.input_file and job.refusals.exists()):
        raise FileGone
    log.record("job.download", job, by=by, after={"kind": job.kind, "what": what})
