"""Who is expected at a session, as a sign-in sheet lists them: name, unit and title on its day; no number, no birthday, no light."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import Affiliation, Unit
from accounts.queries.guests import organisation_of
from accounts.queries.unit_history import UnitNames, unit_names
from courses.enums import CourseState, Participation
from courses.models import Course, CourseHelper, Enrolment
from courses.queries.helpers import helpers_of
from courses.queries.participants import places_of

# Of people whose place of service is not known.
LAST_RANK = 99
BY_UNIT, BY_RANK, BY_STROKES = "unit", "rank", "strokes"


@dataclass(frozen=True)
class SheetChoices:
    """How the sheets are made. `separate`: one sheet to sign in, another one to sign out (some counties demand it)."""

    order: str = BY_UNIT
    separate: bool = False
    halves: bool = False
    blanks: int = 5


@dataclass(frozen=True)
class Expected:
    """A person of a sheet. `key` is that of the name's strokes."""

    name: str
    key: str
    unit: Unit | None
    unit_name: str
    title: str
    rank: int
    # As what a lecturer or member of staff is named; empty for participants.
    part: str = ""


def expected(course: Course, day: date) -> list[Expected]:
    """Return who has a place in a course, with unit and title on a day: three queries for however many people."""
    rows = list(
        course.enrolments.expected().select_related("user__guest", "unit").order_by("enrolled_at", "id")
    )
    places = places_of(rows, day)
    names = unit_names()
    found = []
    for row in rows:
        place = places.get(row.pk)
        found.append(
            Expected(
                row.user.name,
                row.user.name_key,
                row.unit,
                names.on(row.unit, day) if row.unit else row.unit_name,
                place.title if place else "",
                place.rank if place else LAST_RANK,
            )
        )
    return found


def helping(course: Course, day: date) -> list[Expected]:
    """Return the lecturers and staff of a course, with unit and title on a day; without any, in one query."""
    rows = helping_people(course)
    if not rows:
        return []
    serving = Affiliation.objects.serving(day).filter(user__in=[row.person_id for row in rows])
    places = {place.user_id: place for place in serving.select_related("unit").order_by("-rank", "-id")}
    names = unit_names()
    return [_helper(row, places.get(row.person_id), names, day) for row in rows]


def helping_people(course: Course) -> Sequence[CourseHelper | Enrolment]:
    """Return the rows of those who are named as lecturers or staff; after the closing, of those whose hours were issued."""
    if course.state != CourseState.CLOSED:
        return helpers_of(course)
    helping = course.enrolments.exclude(participation=Participation.PARTICIPANT)
    return list(helping.select_related("user__guest").order_by("participation", "pk"))


def _helper(
    row: CourseHelper | Enrolment, place: Affiliation | None, names: UnitNames, day: date
) -> Expected:
    person = row.user
    return Expected(
        person.name,
        person.name_key,
        place.unit if place else None,
        names.on(place.unit, day) if place else organisation_of(person),
        place.title if place else "",
        place.rank if place else LAST_RANK,
        row.participation,
    )
