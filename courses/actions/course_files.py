"""Add, replace and delete the files of a course, one after the other under the course's lock."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.acting import Actor
from audit import log
from courses.actions.states import lock_managed
from courses.enums import CourseFileKind, MaterialsFrom
from courses.errors.course_files import FileGone, FilesOfWithdrawn, TooMuchForOneCourse
from courses.file_kinds import stored_as
from courses.models import Course, CourseFile
from courses.queries.course_files import bytes_of, keep_until
from courses.rules import may_manage_files
from files import actions as files
from files.registry import MEGABYTE
from kit import clock


@transaction.atomic
def add(
    *,
    course: Course,
    by: Actor,
    kind: str,
    upload: "UploadedFile[Any]",
    open_from: str = "",
    at: datetime | None = None,
) -> CourseFile:
    """Add a file; a poster or plan replaces the former one, which is deleted.

    Raise NotTheHandler and its like, FilesOfWithdrawn, TooMuchForOneCourse and what `files.actions.store` raises.
    """
    course, by = lock_managed(course, by)
    if not may_manage_files(by, course):
        raise FilesOfWithdrawn
    now = at or clock.now()
    former = None if kind == CourseFileKind.MATERIAL else _former(course, kind)
    _require_room(course, former, upload)
    stored = files.store(stored_as(kind), owner_id=by.user.pk, upload=upload, at=now)
    files.keep_until(stored, keep_until(course, kind, now))
    after = _facts(CourseFile(kind=kind, file=stored))
    if former:
        _delete(former, by, now)
    chosen = open_from or MaterialsFrom.ADMITTED
    row = CourseFile.objects.create(
        course=course, kind=kind, file=stored, open_from=chosen if kind == CourseFileKind.MATERIAL else ""
    )
    if former:
        log.record(
            "course.file_replace", course, by=by, unit_id=course.unit_id, before=_facts(former), after=after
        )
    else:
        log.record("course.file_add", course, by=by, unit_id=course.unit_id, after=after)
    return row


@transaction.atomic
def remove(*, row: CourseFile, by: Actor, at: datetime | None = None) -> None:
    """Delete a file of a course. Raise NotTheHandler and its like, FileGone."""
    course, by = lock_managed(row.course, by)
    found = CourseFile.objects.present().filter(pk=row.pk, course=course).first()
    if found is None:
        raise FileGone
    _delete(found, by, at or clock.now())
    log.record("course.file_remove", course, by=by, unit_id=course.unit_id, before=_facts(found))


def discard(course: Course, by: Actor) -> None:
    """Delete the files of a locked draft that is thrown away."""
    for row in CourseFile.objects.filter(course=course).select_related("file"):
        _delete(row, by, clock.now())


def follow(course: Course, now: datetime) -> None:
    """Count anew until when the files of a locked course are kept: its days may have moved."""
    for row in CourseFile.objects.present().filter(course=course):
        until = keep_until(course, row.kind, now)
        if row.file.keep_until != until:
            files.keep_until(row.file, until)


def _former(course: Course, kind: str) -> CourseFile | None:
    return CourseFile.objects.filter(course=course, kind=kind).select_related("file").first()


def _require_room(course: Course, former: CourseFile | None, upload: "UploadedFile[Any]") -> None:
    most = settings.COURSE_FILES_MEGABYTES * MEGABYTE
    freed = former.file.size if former and former.file.is_present else 0
    left = most - bytes_of(course) + freed
    if (upload.size or 0) > left:
        raise TooMuchForOneCourse(most=settings.COURSE_FILES_MEGABYTES, left=max(left, 0) // MEGABYTE)


def _delete(row: CourseFile, by: Actor, now: datetime) -> None:
    """The row goes, and the bytes with the commit; the store keeps the evidence of what was there."""
    stored = row.file
    row.delete()
    files.delete(stored, by=by, at=now)


def _facts(row: CourseFile) -> Mapping[str, Any]:
    return {
        "kind": row.kind,
        "file": row.file.name,
        "bytes": row.file.size,
        "digest": row.file.digest,
    }
