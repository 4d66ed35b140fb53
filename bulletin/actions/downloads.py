"""Publish, change and take back files to download."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.acting import Actor
from accounts.errors import ChangedMeanwhile
from accounts.locks import lock_actor
from accounts.models import County
from audit import log
from bulletin.errors import AlreadyPast, AlreadyTakenBack
from bulletin.file_kinds import DOWNLOAD
from bulletin.locks import lock_published
from bulletin.models import Download
from bulletin.rules import require_publisher, require_readers
from files import actions as files
from kit import clock
from kit.previews import mark_of
from kit.typed_texts import require_no_number

# A file that was replaced or taken back: kept for so long, in case it was a mistake.
RETENTION_AFTER_END = timedelta(days=30)


@dataclass(frozen=True)
class DownloadData:
    """What the form of a file to download holds, beside the file."""

    title: str
    readers: str
    county: County | None = None
    description: str = ""
    version: str = ""
    order: int = 100
    valid_until: date | None = None

    @property
    def fields(self) -> dict[str, Any]:
        return dict(vars(self))


@transaction.atomic
def publish(*, by: Actor, upload: "UploadedFile[Any]", data: DownloadData) -> Download:
    """Offer a file. Raise MayNotPublish, VisitorsOfACounty, AlreadyPast, FileEmpty, FileTooLarge, WrongFileType."""
    by = lock_actor(by)
    require_publisher(by, data.county)
    _require_sense(data)
    now = clock.now()
    file = files.store(DOWNLOAD, owner_id=by.user.pk, upload=upload, at=now)
    row = Download.objects.create(
        file=file, published_by=by.appointment, published_at=now, changed_at=now, **data.fields
    )
    log.record("download.publish", row, by=by, unit_id=by.unit_id, after=_facts(row))
    return row


@transaction.atomic
def change(
    *,
    download: Download,
    by: Actor,
    data: DownloadData,
    upload: "UploadedFile[Any] | None" = None,
    seen: str | None = None,
) -> Download:
    """Change what is said of a file, or replace it by `upload`; the former one is deleted after 30 days.

    `seen`: the mark of what a page showed. Raise as `publish`, AlreadyTakenBack, ChangedMeanwhile.
    """
    by = lock_actor(by)
    row = lock_published(download)
    for concerned in (row.county, data.county):
        require_publisher(by, concerned)
    if row.ended_at:
        raise AlreadyTakenBack
    if seen is not None and seen != mark(row):
        raise ChangedMeanwhile(name=str(row))
    _require_sense(data)
    before, now = _facts(row), clock.now()
    if upload:
        files.keep_until(row.file, now + RETENTION_AFTER_END)
        row.file = files.store(DOWNLOAD, owner_id=by.user.pk, upload=upload, at=now)
    for name, value in data.fields.items():
        setattr(row, name, value)
    row.changed_at = now
    row.save(update_fields=[*data.fields, "file", "changed_at"])
    log.record("download.change", row, by=by, unit_id=by.unit_id, before=before, after=_facts(row))
    return row


@transaction.atomic
def remove(*, download: Download, by: Actor) -> Download:
    """Offer the file no more; it is deleted after 30 days. Raise MayNotPublish, AlreadyTakenBack."""
    by = lock_actor(by)
    row = lock_published(download)
    require_publisher(by, row.county)
    if row.ended_at:
        raise AlreadyTakenBack
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    files.keep_until(row.file, row.ended_at + RETENTION_AFTER_END)
    log.record("download.remove", row, by=by, unit_id=by.unit_id, before=_facts(row))
    return row


def mark(row: Download) -> str:
    """Return a mark of what is published: the same as long as nobody changes it."""
    return mark_of("download", [row.pk, *_facts(row).values()])


def _require_sense(data: DownloadData) -> None:
    require_readers(data.readers, data.county)
    if data.valid_until and data.valid_until < clock.today():
        raise AlreadyPast
    require_no_number(data.title, field="title")
    require_no_number(data.description, field="description")


def _facts(row: Download) -> Mapping[str, Any]:
    return {
        "title": row.title,
        "description": row.description,
        "version": row.version,
        "readers": row.readers,
        "county": row.county.name if row.county else "",
        "order": row.order,
        "valid_until": row.valid_until or "",
        "file": row.file.name,
        "digest": row.file.digest,
    }
