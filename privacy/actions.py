"""A person requests the copy of their own data, and takes it."""

import tempfile
from datetime import datetime
from typing import BinaryIO, cast

from django.core.files import File
from django.db import transaction
from django.urls import reverse

from accounts.acting import Actor
from accounts.models import User
from accounts.queries.persons import persons_of
from audit import log
from files import actions as files
from files.models import StoredFile
from jobs import actions as jobs
from jobs.models import Job
from kit import clock
from notices.writer import NewNotice, write
from privacy import copies
from privacy.errors import CopyGone
from privacy.file_kinds import KIND, TYPE

JOB = "own_data"


@transaction.atomic
def request_copy(*, by: Actor) -> Job:
    """Start the work that makes the copy of the actor's own data; a click more returns the same work.

    It is the person's own, whatever the hat.
    """
    by = Actor(by.user)
    log.record("own_data.requested", by.user, by=by, subjects=[by.user.pk])
    return jobs.start(JOB, by=by)


def make_copy(person: User) -> int:
    """Make the copy, delete earlier ones, notify the person; return how many rows are in it. Safe to run twice."""
    with tempfile.TemporaryFile() as out:
        number = copies.write_copy(cast(BinaryIO, out), person)
        out.seek(0)
        _store_copy(person, cast(BinaryIO, out))
    return number


@transaction.atomic
def _store_copy(person: User, out: BinaryIO) -> StoredFile:
    for former in current(person.pk):
        files.delete(former)
    name = f"own-data-{clock.today():%Y%m%d}.zip"
    made = files.store_made(KIND, owner_id=person.pk, file=File(out), name=name, content_type=TYPE)
    write(
        [
            NewNotice(
                kind="own_data_ready",
                to=person,
                about=f"user:{person.pk}",
                event=made.pk,
                path=reverse("privacy:own_data"),
                context={"until": cast(datetime, made.keep_until)},
            )
        ]
    )
    return made


def current(person_id: int) -> list[StoredFile]:
    """Return the copies of a person that are still there, the newest first; also those that a merged record had made."""
    mine = StoredFile.objects.present().filter(owner_id__in=persons_of(person_id))
    rows = mine.filter(kind=KIND, keep_until__gt=clock.now())
    return list(rows.order_by("-pk"))


@transaction.atomic
def take_copy(*, by: Actor) -> StoredFile:
    """Return the newest copy of the actor's own data, on record. Raise CopyGone."""
    found = current(by.user.pk)
    if not found:
        raise CopyGone
    log.record("own_data.taken", found[0], by=Actor(by.user), subjects=[by.user.pk])
    return found[0]
