"""Whom the lines of a handler mean, as participants of a course: found, found twice, not found, on the list already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import F

from accounts.models import Affiliation, User
from accounts.queries.persons import survivor
from courses.enums import SEATED, CourseState, EnrolmentState
from courses.models import Course, Enrolment
from courses.models.lookups import AnyOf
from courses.models.querysets import CourseQuerySet
from courses.models.typed import Typed
from courses.queries.people import found_by, named_at, serving_at
from kit.texts import squeezed


class Found(StrEnum):
    ONE = "one"
    SEVERAL = "several"
    NOBODY = "nobody"
    ENROLLED = "enrolled"
    REPEATED = "repeated"
    # Of an earlier course, and cannot be put on this list.
    GUEST = "guest"
    CLOSED = "closed"


@dataclass(frozen=True)
class Match:
    """What one line means. `people` are the candidates; `known` those whose names the handler may see (own unit, its guests, or typed beside a number)."""

    typed: Typed
    found: Found
    people: Sequence[User] = ()
    known: frozenset[int] = frozenset()
    # The state of the person's enrolment, where one is under review, waiting, declined or cancelled.
    state: str = ""


def matches(course: Course, typed: Sequence[Typed]) -> list[Match]:
    """Return what each line means, in five queries at most."""
    # Guests have no log-in; those whom the unit has entered are found by their e-mail.
    by_number = [
        person if person and (person.is_active or person.is_guest) else None
        for person in found_by(typed, course.unit_id)
    ]
    by_name = named_at(course.unit_id, typed)
    everybody = [person for person in by_number if person] + [
        p for people in by_name.values() for p in people
    ]
    own = serving_at(course.unit_id, everybody)
    states = _states(course, everybody)
    rows: list[Match] = []
    seen: set[int] = set()
    for one, person in zip(typed, by_number, strict=True):
        people = [person] if person else by_name.get(squeezed(one.text), []) if one.is_name else []
        known = frozenset(p.pk for p in people if p.pk in own or one.name or p.is_guest)
        rows.append(_match(one, people, known, states, seen))
    return rows


def _states(course: Course, people: Sequence[User]) -> dict[int, str]:
    """Return the state of each person's enrolment in the course, that of a merged record included."""
    if not people:
        return {}
    rows = course.enrolments.of_people(person.pk for person in people).select_related("user")
    return {person: row.state for person, row in by_person(rows.order_by("pk")).items()}


def by_person(rows: Iterable[Enrolment]) -> dict[int, Enrolment]:
    """Return one enrolment of each person: the one that has a place, else that of the person's own record."""
    best_last = sorted(rows, key=lambda row: (row.state in SEATED, row.user.merged_into_id is None))
    return {row.person_id: row for row in best_last}


def _match(
    one: Typed, people: Sequence[User], known: frozenset[int], states: dict[int, str], seen: set[int]
) -> Match:
    if len(people) != 1:
        return Match(one, Found.SEVERAL if people else Found.NOBODY, people, known)
    [person] = people
    state = states.get(person.pk, "")
    if person.pk in seen:
        return Match(one, Found.REPEATED, people, known, state)
    seen.add(person.pk)
    return Match(one, Found.ENROLLED if state in SEATED else Found.ONE, people, known, state)


def staff_to_choose(course: Course) -> list[Affiliation]:
    """Return who serves at the course's unit today and may log in, in the unit's order; each person once."""
    rows = Affiliation.objects.serving().filter(unit_id=course.unit_id, user__is_active=True)
    seen: dict[int, Affiliation] = {}
    for row in rows.select_related("user").order_by("rank", "user__name_key", "user__name", "pk"):
        seen.setdefault(row.user_id, row)
    return list(seen.values())


def earlier_courses(course: Course) -> CourseQuerySet:
    """Return the unit's other courses that had participants, the latest first."""
    rows = Course.objects.of_unit(course.unit_id).exclude(pk=course.pk)
    rows = rows.filter(state__in=[CourseState.REGISTERED, CourseState.CLOSED], seats_taken__gt=0)
    return rows.order_by("-starts_on", "-id")


def people_of(course: Course) -> list[User]:
    """Return who had a place in a course, came without one included; those who may no longer log in are left out (`left_out_of`).

    The place of a merged record is that of the person into whom it was merged; each person is returned once.
    """
    return [person for person in _had_places(course) if person.is_active]


def left_out_of(course: Course) -> list[User]:
    """Return who had a place in a course and cannot log in: guests, and people whose record is closed."""
    return [person for person in _had_places(course) if not person.is_active]


def _had_places(course: Course) -> list[User]:
    states = [EnrolmentState.ADMITTED, EnrolmentState.ATTENDED]
    rows = Enrolment.objects.participants().filter(course=course, state__in=states)
    ordered = rows.select_related("user__merged_into").order_by("user__name_key", "pk")
    return list(dict.fromkeys(survivor(row.user) for row in ordered))


def units_of(course: Course, user_ids: Sequence[int]) -> dict[int, int]:
    """Return where each of these people serves today: at the course's own unit if that is one of the places."""
    rows = Affiliation.objects.serving().filter(user__in=user_ids).order_by("rank", "id")
    found: dict[int, int] = {}
    for user_id, unit_id in rows.values_list("user_id", "unit_id"):
        if unit_id == course.unit_id:
            found[user_id] = unit_id
        found.setdefault(user_id, unit_id)
    return found


def places_of(rows: Sequence[Enrolment], day: date | None = None) -> dict[int, Affiliation]:
    """Return the place of each enrolled person at the unit of the enrolment on a day, by the enrolment: one query."""
    people = AnyOf(F("user_id"), [row.user_id for row in rows])
    serving = Affiliation.objects.serving(day).filter(people).order_by("-rank", "-id")
    # The last one is the person's first.
    places = {(place.user_id, place.unit_id): place for place in serving}
    found = {row.pk: places.get((row.user_id, row.unit_id or 0)) for row in rows}
    return {pk: place for pk, place in found.items() if place}
