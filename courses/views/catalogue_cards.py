"""The found courses as cards: those that nearly all readers see alike are kept, the others are drawn for the reader."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import get_template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.queries.persons import records_for_page
from courses.enums import EnrolmentState
from courses.models import Course, Enrolment
from courses.presenters.catalogue import found_courses
from courses.queries.enrolment_offer import with_own_state
from courses.queries.offers import is_alike_for_all
from courses.views.cached_parts import CachedParts
from kit import table_versions

TEMPLATE = "courses/partials/catalogue_row.html"


@dataclass(frozen=True)
class Card:
    """`html` as a visitor sees it; `is_for_all`: so does each person who is not enrolled in the course."""

    html: SafeString
    is_for_all: bool


def drawn(numbers: Sequence[int], person: int | None, words: str, asked: CachedParts) -> SafeString:
    """Return the cards of these courses for a reader, in this order. `words`: what was searched for."""
    if not (asked.is_common and table_versions.is_caching()):
        return _joined(numbers, _cards(numbers, person, words))
    found = asked.cached("cards", lambda: _cards(numbers, None, words))
    if person is not None:
        enrolled = _enrolled_in(numbers, person)
        own = [pk for pk in numbers if pk in found and (pk in enrolled or not found[pk].is_for_all)]
        found = found | _cards(own, person, words)
    return _joined(numbers, found)


def _joined(numbers: Sequence[int], found: dict[int, Card]) -> SafeString:
    return format_html_join("", "{}", ([found[pk].html] for pk in numbers if pk in found))


def _cards(numbers: Collection[int], person: int | None, words: str) -> dict[int, Card]:
    if not numbers:
        return {}
    rows: Any = with_own_state(Course.objects.all(), person).select_related("unit__county", "nature")
    if words:
        rows = rows.prefetch_related("instructors")
    courses = list(rows.filter(pk__in=numbers))
    alike = {course.pk for course in courses if is_alike_for_all(course)}
    template = get_template(TEMPLATE)
    return {
        found.course.pk: Card(
            # Rendered text is safe, and stays so when it is read from the cache.
            SafeString(template.render({"found": found, "course": found.course, "words": words})),
            found.course.pk in alike,
        )
        for found in found_courses(courses, person or 0)
    }


def _enrolled_in(numbers: Collection[int], person: int) -> set[int]:
    mine = Enrolment.objects.filter(user__in=records_for_page(person), course__in=numbers)
    return set(mine.exclude(state=EnrolmentState.CANCELLED).values_list("course", flat=True))
