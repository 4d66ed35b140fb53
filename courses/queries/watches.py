"""Which watched courses and searches lead to a notice on a Taipei day: only courses in which one can get a place."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from courses.enums import LIVE, CourseState, EnrolmentState
from courses.models import Course, Enrolment, EnrolmentWatch, SavedSearch
from courses.models.querysets import CourseQuerySet
from courses.queries.offers import offers
from kit import clock

# A clock that was away catches up by so many days, no more.
CATCH_UP = timedelta(days=14)
# Whose places are not to be offered again: they are in it, or were turned down.
KNOWN_STATES = (*LIVE, EnrolmentState.DECLINED)


def may_watch(course: Course) -> bool:
    """Return whether the enrolment of a course is still ahead."""
    is_ahead = course.enrol_from is not None and course.enrol_from > clock.today()
    return is_ahead and course.state == CourseState.REGISTERED and not course.has_ended()


def waiting_watches(person_id: int) -> QuerySet[EnrolmentWatch]:
    """Return the watches of a person that may still lead to a notice, the next to open foremost."""
    rows = EnrolmentWatch.objects.filter(
        person=person_id,
        told_at=None,
        course__state=CourseState.REGISTERED,
        course__ends_at__gt=clock.now(),
    )
    return rows.select_related("course__unit").order_by("course__enrol_from", "pk")


def with_places(rows: CourseQuerySet, at: datetime) -> CourseQuerySet:
    """Return the courses in which a place is left, be it kept for some, and whose enrolment is open or still to open.

    Which of them a person may take is `courses.queries.offers`.
    """
    day = clock.today(at)
    until = Q(enrol_until__gte=day) | Q(enrol_until=None, starts_on__gte=day)
    return rows.unclosed().filter(until, ends_at__gt=at, seats_taken__lt=F("capacity"))


def opened(at: datetime) -> QuerySet[EnrolmentWatch]:
    """Return the watches that have not led to a notice and whose course can be enrolled in, unless the person is in it."""
    return still_open(EnrolmentWatch.objects.filter(told_at=None), at)


def still_open(rows: QuerySet[EnrolmentWatch], at: datetime) -> QuerySet[EnrolmentWatch]:
    """Return those of the watches whose course can be enrolled in and has a place left, unless the person is in it.

    Whether the person may take the place is judged by `with_offers`.
    """
    courses = with_places(Course.objects.all(), at).open_for_enrolment(at)
    mine = Enrolment.objects.filter(
        course=OuterRef("course"), user=OuterRef("person"), state__in=KNOWN_STATES
    )
    return rows.filter(person__is_active=True, course__in=courses).exclude(Exists(mine))


def with_offers(rows: Iterable[EnrolmentWatch], at: datetime) -> list[EnrolmentWatch]:
    """Return those of the watches, with their courses, whose person may enrol and take a place."""
    found = list(rows)
    offered = offers([(row.person_id, row.course) for row in found], at)
    return [row for row in found if offered[row.person_id, row.course_id].has_place]


def owners_after(cursor: int, number: int) -> list[int]:
    """Return the next people with watched searches, by primary key."""
    rows = SavedSearch.objects.filter(watched_at__isnull=False, owner__gt=cursor, owner__is_active=True)
    return list(rows.order_by("owner").values_list("owner", flat=True).distinct()[:number])


def searches_of(owners: Collection[int]) -> list[SavedSearch]:
    """Return the watched searches of people, by person and name."""
    rows = SavedSearch.objects.filter(owner__in=owners, watched_at__isnull=False)
    return list(rows.select_related("owner").order_by("owner", "name", "pk"))


def registered_between(after: datetime, until: datetime, at: datetime) -> dict[int, Course]:
    """Return the courses that were registered in a time and in which a place is left, by primary key."""
    rows = with_places(Course.objects.all(), at).filter(registered_at__gt=after, registered_at__lte=until)
    return rows.select_related("unit").in_bulk()


def courses_known_to(people: Collection[int], courses: Iterable[int]) -> set[tuple[int, int]]:
    """Return (person, course) of those who are in a course or were turned down."""
    rows = Enrolment.objects.filter(user__in=people, course__in=list(courses), state__in=KNOWN_STATES)
    return set(rows.values_list("user", "course"))


def first_moment(searches: Iterable[SavedSearch], day: date) -> datetime:
    """Return the moment from which on new courses are of interest to one of the searches."""
    earliest = clock.at_taipei(day) - CATCH_UP
    return max(min((told_until(search, day) for search in searches), default=earliest), earliest)


def told_until(search: SavedSearch, day: date) -> datetime:
    """Return until when the courses of a search were looked at, at most `CATCH_UP` ago."""
    earliest = clock.at_taipei(day) - CATCH_UP
    return max(search.told_until or search.watched_at or earliest, earliest)
