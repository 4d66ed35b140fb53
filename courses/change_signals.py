"""Signals about courses that other apps pass on. Sent inside the transaction of the change."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.dispatch import Signal

from courses.enums import CourseState, PublicChange

if TYPE_CHECKING:
    from courses.models import Course

# `courses`: registered, withdrawn or closed courses whose public data have just been saved; `what`: a
# `courses.enums.PublicChange`.
course_announced = Signal()

# `course`: one that was copied; `to`: the draft that was just made of it. Other apps copy what is theirs.
course_copied = Signal()

# `course`; `sessions`: the primary keys of those that are about to be removed from it; `by`: who does it. Other apps delete what is theirs.
sessions_removed = Signal()


def announce_changed(courses: "Iterable[Course]") -> None:
    """Announce what partners read of these courses as changed: handler, audience and questions, too. Drafts are left out."""
    if known := [course for course in courses if course.state != CourseState.DRAFT]:
        course_announced.send(type(known[0]), courses=known, what=PublicChange.CHANGED)
