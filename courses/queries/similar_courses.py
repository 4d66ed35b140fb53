"""The unit's other courses beside a plan: held at the same time by the same people or at the same place, or the same course twice."""

import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher

from django.db.models import Q

from courses.enums import CourseState, Mode
from courses.models import Course
from courses.queries.course_plan import Fact, Hint, HintKind, Plan, Shared, SharedKind
from kit import clock
from kit.texts import fold

# From here on two names are alike: a different ordinal or year in a long name stays below (guess).
ALIKE = 0.9


def neighbours(plan: Plan) -> list[Course]:
    """The unit's courses that share a day with the plan, with their sessions and instructors: three queries, or none."""
    days = [clock.day_of(moment) for span in plan.spans for moment in (span.starts_at, span.ends_at)]
    if not days:
        return []
    rows = (
        Course.objects.of_unit(plan.unit.pk)
        .exclude(Q(state=CourseState.WITHDRAWN) | Q(pk=plan.course_id))
        .filter(starts_on__lte=max(days), ends_on__gte=min(days))
    )
    return list(
        rows.select_related("handler__user")
        .prefetch_related("sessions", "instructors")
        .order_by("starts_on", "pk")
    )


def duplicates(plan: Plan, beside: list[Course] | None = None) -> list[Course]:
    """Return courses of the unit with a similar name and day: perhaps the same one, registered twice (letter, point 4)."""
    days = {clock.day_of(span.starts_at) for span in plan.spans}
    found = neighbours(plan) if beside is None else beside
    return [
        course
        for course in found
        if days & {clock.day_of(s.starts_at) for s in course.sessions.all()}
        and _alike(plan.title, course.title)
    ]


def neighbour_hints(plan: Plan) -> Iterator[Hint]:
    """Return a question for a duplicate, and a hint for other courses at the same time with what they share."""
    beside = neighbours(plan)
    same = duplicates(plan, beside)
    for course in same:
        yield Hint("title", HintKind.SAME_COURSE, {"title": course.title}, course)
    for course in beside:
        if course not in same:
            yield from _clashes(plan, course)


def _alike(one: str, other: str) -> bool:
    """Return whether names are equal in letters and digits after folding; names that differ in a number (第一場, 第二場) are two courses."""
    first, second = _letters(one), _letters(other)
    if not first or _digits(first) != _digits(second):
        return False
    return first == second or SequenceMatcher(None, first, second, autojunk=False).ratio() >= ALIKE


def _letters(text: str) -> str:
    return "".join(c for c in fold(text) if unicodedata.category(c)[0] in "LN")


def _digits(text: str) -> list[str]:
    return [c for c in text if c.isnumeric()]


def _clashes(plan: Plan, course: Course) -> Iterator[Hint]:
    for span in plan.spans:
        for session in course.sessions.all():
            if not span.overlaps(session.starts_at, session.ends_at):
                continue
            if shared := _shared(plan, span.place or plan.place, course, session.place or course.place):
                facts: dict[str, Fact] = {"title": course.title, "shared": shared}
                yield Hint(span.at, HintKind.SAME_TIME, facts, course)
                break


def _shared(plan: Plan, place: str, course: Course, their_place: str) -> tuple[Shared, ...]:
    """Return what both need at once. The bare name of the unit is no room that could be taken."""
    shared = []
    if plan.handler_id == course.handler_id:
        shared.append(Shared(SharedKind.HANDLER))
    theirs = {fold(person.name) for person in course.instructors.all()}
    shared += [Shared(SharedKind.INSTRUCTOR, name) for name in plan.instructors if fold(name) in theirs]
    on_site = Mode.ONLINE not in (plan.mode, course.mode)
    if on_site and fold(place) == fold(their_place) and fold(place) not in ("", fold(plan.unit.name)):
        shared.append(Shared(SharedKind.PLACE))
    return tuple(shared)
