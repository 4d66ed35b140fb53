"""The draft of a closing: saved while the clerk marks, refused when it would overwrite a colleague's newer one.

It writes no row of the record: a draft decides nothing, and the page saves it every few seconds.
"""

from datetime import datetime

from django.db import transaction

from accounts.acting import Actor
from courses.actions.states import lock_managed, require_registered
from courses.enums import CourseState
from courses.models import Course
from hours.actions.closing import refuse_closed
from hours.errors import NewerDraft
from hours.models import ClosingDraft, Sheet
from hours.models.sheet import plain
from hours.queries import drafts
from kit import clock


@transaction.atomic
def save(
    *, course: Course, by: Actor, sheet: Sheet, base: int, page: str = "", at: datetime | None = None
) -> ClosingDraft:
    """Keep the sheet as this person's draft, the newest of the course. `base` is the version the page has seen.

    Raise NewerDraft when another page has saved something else since, AlreadyClosed, WrongState, NotTheHandler.
    """
    course, by = lock_managed(course, by)
    _refuse_settled(course)
    last = drafts.newest(course.pk)
    newer = drafts.if_newer(last, base, page)
    if newer and drafts.differ(newer.sheet, sheet):
        raise NewerDraft(newer)
    return _write(course, by, sheet, page, at or clock.now(), last)


@transaction.atomic
def start_anew(*, course: Course, by: Actor, page: str = "", at: datetime | None = None) -> ClosingDraft:
    """An empty draft becomes the newest: the page opens with everybody present. A colleague's draft stays where it is."""
    course, by = lock_managed(course, by)
    _refuse_settled(course)
    return _write(course, by, Sheet(), page, at or clock.now(), drafts.newest(course.pk))


@transaction.atomic
def step_back(*, course: Course, by: Actor, sheet: Sheet, page: str = "", at: datetime | None = None) -> None:
    """The newest draft of a colleague is continued; what this person had marked is kept as the version below it.

    A draft of one's own from another window is put together with this sheet: the marks of both windows stay.
    """
    course, by = lock_managed(course, by)
    _refuse_settled(course)
    theirs = drafts.newest(course.pk)
    if theirs and theirs.saved_by_id == by.user.pk and not theirs.sheet.is_empty:
        both = drafts.together(theirs.sheet, sheet, plain(course.hours))
        _write(course, by, both, page, at or clock.now(), theirs)
    elif theirs and theirs.saved_by_id != by.user.pk:
        mine = _write(course, by, sheet, page, at or clock.now(), theirs)
        ClosingDraft.objects.filter(pk=theirs.pk).update(version=mine.version + 1)


def tidy() -> int:
    """Remove the drafts of courses that are no longer to be closed (withdrawn ones; closing removes its own)."""
    gone = ClosingDraft.objects.exclude(course__state=CourseState.REGISTERED)
    return gone.delete()[0]


def _refuse_settled(course: Course) -> None:
    refuse_closed(course)
    require_registered(course)


def _write(
    course: Course, by: Actor, sheet: Sheet, page: str, moment: datetime, last: ClosingDraft | None
) -> ClosingDraft:
    """Store the version after `last`, the newest one of the locked course."""
    facts = {
        "version": last.version + 1 if last else 1,
        "page": page,
        "saved_at": moment,
        **sheet.as_json(),
    }
    draft, _made = ClosingDraft.objects.update_or_create(course=course, saved_by=by.user, defaults=facts)
    return draft
