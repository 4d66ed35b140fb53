"""The files of a course: the public sees poster and plan, participants the materials, those in charge all of them."""

from functools import partial
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.acting import Actor
from courses.enums import CourseFileKind, CourseState
from courses.models import CourseFile
from courses.queries.course_files import is_shown_to_participants
from courses.rules import may_manage
from files.models import StoredFile
from files.preparing import harmless
from files.registry import MEGABYTE, FileKind
from kit.file_types import DOCUMENTS, PDF, PICTURES

MOST = settings.COURSE_FILE_MEGABYTES * MEGABYTE
# With room for the rest of the form.
UPLOADS = {"courses:files": MOST + MEGABYTE}


def stored_as(kind: str) -> str:
    """Return the kind of stored file for a kind of a course's file."""
    return f"course-{CourseFileKind(kind).value}"


def may_read(file: StoredFile, by: Any) -> bool:
    """Return whether an actor, or a visitor (None), may take the file as things are now."""
    row = CourseFile.objects.filter(file=file).select_related("course").first()
    if row is None:
        return False
    if isinstance(by, Actor) and may_manage(by, row.course):
        return True
    if row.kind != CourseFileKind.MATERIAL:
        return row.course.state in (CourseState.REGISTERED, CourseState.CLOSED)
    return isinstance(by, Actor) and is_shown_to_participants(row, by.user.pk)


_kind = partial(FileKind, max_bytes=MOST, may_read=may_read, prepare=harmless)
KINDS = {
    stored_as(CourseFileKind.POSTER): _kind(_("poster of a course"), PICTURES),
    stored_as(CourseFileKind.PLAN): _kind(_("plan of a course"), frozenset({PDF})),
    stored_as(CourseFileKind.MATERIAL): _kind(_("material of a course"), DOCUMENTS | PICTURES),
}
