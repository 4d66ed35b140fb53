"""A colleague has saved another version of the sheet: list the differences, for page and script."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.acting import ActorRequest
from accounts.models import User
from courses.actions.access_log import people_seen
from courses.enums import EnrolmentState, Participation
from courses.models import Enrolment
from hours.forms.closing_page import ClosingPage
from hours.models import ClosingDraft, WalkIn
from hours.queries.drafts import differ, differing, differing_walk_ins, if_newer, newest
from kit.numbers import whole_number

SHOWN = 50


@dataclass(frozen=True)
class Difference:
    """One person whom the two sheets mark differently, in words."""

    name: str
    theirs: str
    mine: str


@dataclass(frozen=True)
class Conflict:
    """A newer draft, whose it is, and the first differences; `more` counts those left out."""

    draft: ClosingDraft
    is_own: bool
    differences: list[Difference]
    more: int


def base_of(request: ActorRequest) -> int:
    """The version of the draft that the page has seen."""
    return whole_number(request.POST.get("draft_base"), 0)


def conflict_of(request: ActorRequest, page: ClosingPage) -> Conflict | None:
    """Return the conflict with a version that another person saved since the page was loaded. A request without a version has none."""
    if "draft_base" not in request.POST:
        return None
    newer = if_newer(newest(page.course.pk), base_of(request), page.key)
    if newer is None or not differ(newer.sheet, page.sheet):
        return None
    return conflict_with(request, page, newer)


def conflict_with(request: ActorRequest, page: ClosingPage, draft: ClosingDraft) -> Conflict:
    theirs, mine = draft.sheet, page.sheet
    marked, walked = differing(theirs, mine), differing_walk_ins(theirs, mine)
    rows = Enrolment.objects.filter(pk__in=marked[:SHOWN]).select_related("user").order_by("user__name", "id")
    found = [
        Difference(row.user.name, _said(*theirs.marks[row.pk]), _said(*mine.marks[row.pk])) for row in rows
    ]
    people = User.objects.filter(pk__in=walked[: SHOWN - len(found)]).order_by("name", "id")
    found += [
        Difference(p.name, _walked(theirs.by_person.get(p.pk)), _walked(mine.by_person.get(p.pk)))
        for p in people
    ]
    seen = [*(row.user_id for row in rows), *(person.pk for person in people)]
    people_seen(page.course, by=request.actor, people=seen)
    own = draft.saved_by_id == request.user.pk
    return Conflict(draft, own, found, len(marked) + len(walked) - len(found))


def _said(state: str, typed: str) -> str:
    label = str(EnrolmentState(state).label)
    return f"{label} {typed}" if state == EnrolmentState.ATTENDED else label


def _walked(found: WalkIn | None) -> str:
    if found is None:
        return _("not on the list")
    is_helper = found.part != Participation.PARTICIPANT
    return f"{Participation(found.part).label if is_helper else _('walk-in')} {found.typed}"
