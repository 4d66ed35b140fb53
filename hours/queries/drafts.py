"""Questions about the drafts of a closing: the newest, and where two of them differ."""

from django.db.models import QuerySet

from courses.enums import EnrolmentState
from hours.models import ClosingDraft, Sheet


def drafts_of(course_id: int) -> QuerySet[ClosingDraft]:
    """All drafts of a course, the newest first."""
    return ClosingDraft.objects.filter(course_id=course_id).select_related("saved_by").order_by("-version")


def newest(course_id: int) -> ClosingDraft | None:
    """The draft that the page continues."""
    return drafts_of(course_id).first()


def if_newer(draft: ClosingDraft | None, base: int, page: str) -> ClosingDraft | None:
    """Return the newest draft if it is younger than `base`, the version a page has seen, and was not saved by that page itself."""
    if draft is None or draft.version <= base or (page and draft.page == page):
        return None
    return draft


def differing(theirs: Sheet, mine: Sheet) -> list[int]:
    """Return the enrolments that both sheets mark and mark differently; hours count only for who attended."""
    both = theirs.marks.keys() & mine.marks.keys()
    return sorted(pk for pk in both if theirs.marks[pk].meaning != mine.marks[pk].meaning)


def differing_walk_ins(theirs: Sheet, mine: Sheet) -> list[int]:
    """Return the people who are walk-ins on one sheet only, or with different hours, or as something else."""
    one, other = theirs.by_person, mine.by_person
    return sorted(pk for pk in one.keys() | other.keys() if one.get(pk) != other.get(pk))


def differ(theirs: Sheet, mine: Sheet) -> bool:
    return bool(differing(theirs, mine) or differing_walk_ins(theirs, mine)) or theirs.is_empty


def together(theirs: Sheet, mine: Sheet, full: str) -> Sheet:
    """Merge both sheets: a mark on only one of them stays; where both mark a person, `theirs` wins.

    Present with the `full` hours is the initial state, so it is no mark.
    """
    unmarked = (str(EnrolmentState.ATTENDED), full)
    marks = dict(mine.marks)
    for pk, mark in theirs.marks.items():
        if pk not in marks or mark.meaning != unmarked:
            marks[pk] = mark
    walked = mine.by_person | theirs.by_person
    return Sheet(marks=marks, walk_ins=tuple(walked.values()))
