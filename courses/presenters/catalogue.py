"""The found courses as the catalogue lists them."""

from collections.abc import Iterable
from dataclasses import dataclass

from courses.enums import EnrolmentState
from courses.models import Course
from courses.presenters.audience import quota_words, short_words
from courses.presenters.enrol_button import PlacesView, outside_words, places_view
from courses.queries.enrolment_offer import own_state_of
from courses.queries.offers import Offer, offers, show


@dataclass(frozen=True)
class FoundCourse:
    """A course of `with_own_state` with its places, and the person's own enrolment in words, empty without one.

    `audience`: who may enrol, `kept`: how many places are kept for others; both empty for a course that is open to all. `outside`: why
    the reader may not enrol.
    """

    course: Course
    places: PlacesView
    my_words: str
    audience: str = ""
    kept: str = ""
    outside: str = ""


def found_courses(rows: Iterable[Course], person: int) -> list[FoundCourse]:
    """Return the courses for a reader, 0 for a visitor; constant queries, none where all are open to everybody."""
    found = list(rows)
    offered = offers([(person, course) for course in found])
    return [_found(course, offered[person, course.pk]) for course in found]


def _found(course: Course, offer: Offer) -> FoundCourse:
    standing = own_state_of(course)
    show(course, offer)
    state = EnrolmentState(standing.my_state) if standing.my_state else EnrolmentState.CANCELLED
    words = "" if state == EnrolmentState.CANCELLED else str(state.label)
    outside = "" if words else outside_words(offer.obstacle)
    places = places_view(course, 0 if offer.kept else standing.waiting)
    return FoundCourse(course, places, words, short_words(course), quota_words(course), outside)
