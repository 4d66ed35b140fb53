"""Questions about the drafts of a closing: the newest, and where two of them differ."""

from django.db.models import QuerySet

from courses.enums import EnrolmentState
from hours.models import ClosingDraft, Filled


def drafts_of(course_id: int) -> QuerySet[ClosingDraft]:
    """All drafts of a course, the newest first."""
    return ClosingDraft.objects.filter(course_id=course_id).select_related("saved_by").order_by("-version")


def newest(course_id: int) -> ClosingDraft | None:
    """The draft that the page goes on from."""
    return drafts_of(course_id).first()


def newer_than(course_id: int, base: int, page: str) -> ClosingDraft | None:
    """The newest draft when it is younger than `base`, the version a page has seen, and was not saved by that page itself."""
    draft = newest(course_id)
    if draft is None or draft.version <= base or (page and draft.page == page):
        return None
    return draft


def differing(theirs: Filled, mine: Filled) -> list[int]:
    """Enrolments that both sheets mark and mark differently; hours count only for who attended."""
    both = theirs.marks.keys() & mine.marks.keys()
    return sorted(pk for pk in both if _meaning(theirs.marks[pk]) != _meaning(mine.marks[pk]))


def differing_walk_ins(theirs: Filled, mine: Filled) -> list[int]:
    """People who stand on one sheet only as walk-ins, or with other hours."""
    people = theirs.walk_ins.keys() | mine.walk_ins.keys()
    return sorted(pk for pk in people if theirs.walk_ins.get(pk) != mine.walk_ins.get(pk))


def differ(theirs: Filled, mine: Filled) -> bool:
    return bool(differing(theirs, mine) or differing_walk_ins(theirs, mine)) or theirs.is_empty


def _meaning(mark: tuple[str, str]) -> tuple[str, str]:
    state, typed = mark
    return (state, typed.strip() if state == EnrolmentState.ATTENDED else "")


def together(theirs: Filled, mine: Filled, full: str) -> Filled:
    """Both sheets in one: who is marked on one of them only keeps that mark; where both mark somebody, `theirs` counts.

    Present with the `full` hours is how a sheet begins, so it is no mark.
    """
    unmarked = (str(EnrolmentState.ATTENDED), full)
    marks = dict(mine.marks)
    for pk, mark in theirs.marks.items():
        if pk not in marks or _meaning(mark) != unmarked:
            marks[pk] = mark
    return Filled(marks, {**mine.walk_ins, **theirs.walk_ins})
