"""The found courses as the catalogue lists them."""

from collections.abc import Iterable
from dataclasses import dataclass

from courses.enums import EnrolmentState
from courses.models import Course
from courses.presenters.audience import kept_words, short_words
from courses.presenters.enrol_button import PlacesView, places_view
from courses.queries.enrolment_offer import standing_of


@dataclass(frozen=True)
class FoundCourse:
    """A course of `with_standing` with its places, and the person's own enrolment in words, empty without one.

    `audience`: who may enrol, `kept`: how many places are kept for some; both empty for a course that is open to all.
    """

    course: Course
    places: PlacesView
    my_words: str
    audience: str = ""
    kept: str = ""


def found_courses(rows: Iterable[Course]) -> list[FoundCourse]:
    return [_found(course) for course in rows]


def _found(course: Course) -> FoundCourse:
    standing = standing_of(course)
    state = EnrolmentState(standing.my_state) if standing.my_state else EnrolmentState.CANCELLED
    words = "" if state == EnrolmentState.CANCELLED else str(state.label)
    return FoundCourse(
        course, places_view(course, standing.waiting), words, short_words(course), kept_words(course)
    )
