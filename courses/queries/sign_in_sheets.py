"""Who is expected at a session, as a sign-in sheet lists them: name, unit and title on its day; no number, no birthday, no light."""

from dataclasses import dataclass
from datetime import date

from accounts.models import Unit
from accounts.queries.unit_history import unit_names
from courses.models import Course
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
