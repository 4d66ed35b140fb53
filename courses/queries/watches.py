"""Which watched courses and searches lead to a notice on a Taipei day: only courses in which one can get a place."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.queries.persons import person_key, persons_of, persons_of_all, records_for_page
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
    """Return the watches of a person that may still lead to a notice, the next to open foremost; each course once."""
    rows = EnrolmentWatch.objects.filter(
        person__in=persons_of(person_id),
        told_at=None,
        course__state=CourseState.REGISTERED,
        course__ends_at__gt=clock.now(),
    )
    firsts = rows.order_by().values("course").annotate(first=Min("pk")).values("first")
    return rows.filter(pk__in=firsts).select_related("course__unit").order_by("course__enrol_from", "pk")


def is_watching(person_id: int, course: Course) -> bool:
    """Return whether a person has requested a notice of a course."""
    return EnrolmentWatch.objects.filter(person__in=persons_of(person_id), course=course).exists()


def saved_searches_of(person_id: int) -> QuerySet[SavedSearch]:
    """Return the searches that a person keeps, also those of records that were merged into theirs."""
    return SavedSearch.objects.filter(owner__in=persons_of(person_id))


def shown_searches(person_id: int) -> list[SavedSearch]:
    """Return the same for a page."""
    return list(SavedSearch.objects.filter(owner__in=records_for_page(person_id)))


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
    """Return those of the watches whose course can be enrolled in and has a place left, unless the record that watches is in it.

    Whether the person may take the place, and is in the course by another record, is judged by `with_offers`.
    """
    courses = with_places(Course.objects.all(), at).open_for_enrolment(at)
    mine = Enrolment.objects.filter(
        course=OuterRef("course"), user=OuterRef("person"), state__in=KNOWN_STATES
    )
    return rows.filter(_in_use("person"), course__in=courses).exclude(Exists(mine))


def _in_use(field: str) -> Q:
    """Return the condition of rows whose person, or the one into whom that record was merged, may log in."""
    return Q(**{f"{field}__is_active": True}) | Q(**{f"{field}__merged_into__is_active": True})


def with_offers(rows: Iterable[EnrolmentWatch], at: datetime) -> list[EnrolmentWatch]:
    """Return those of the watches, with their people and courses, whose person is not in the course, may enrol and take a place."""
    found = list(rows)
    people, courses = {row.person.person_id for row in found}, {row.course_id for row in found}
    known = courses_known_to(people, courses) if found else set()
    offered = offers([(row.person.person_id, row.course) for row in found], at)
    mine = [(row, (row.person.person_id, row.course_id)) for row in found]
    return [row for row, key in mine if offered[key].has_place and key not in known]


def of_same_people(rows: Collection[EnrolmentWatch]) -> list[int]:
    """Return the watches, with their people, of the same people and courses, those of other records included, by primary key."""
    keys = {(row.person.person_id, row.course_id) for row in rows}
    people, courses = {person for person, _ in keys}, {course for _, course in keys}
    found = EnrolmentWatch.objects.filter(person__in=persons_of_all(people), course__in=courses)
    found = found.annotate(of=person_key("person"))
    return [pk for pk, *key in found.values_list("pk", "of", "course_id") if tuple(key) in keys]


def owners_after(cursor: int, number: int) -> list[int]:
    """Return the next records of people with watched searches, by primary key."""
    rows = SavedSearch.objects.filter(_in_use("owner"), watched_at__isnull=False, owner__gt=cursor)
    return list(rows.order_by("owner").values_list("owner", flat=True).distinct()[:number])


def searches_of(owners: Collection[int]) -> list[SavedSearch]:
    """Return the watched searches of the people of these records, of all their records, by record and name. Two queries."""
    known = User.objects.filter(pk__in=owners).values_list("pk", "merged_into")
    rows = SavedSearch.objects.filter(
        owner__in=persons_of_all({first or pk for pk, first in known}), watched_at__isnull=False
    )
    return list(rows.select_related("owner__merged_into").order_by("owner", "name", "pk"))


def registered_between(after: datetime, until: datetime, at: datetime) -> dict[int, Course]:
    """Return the courses that were registered in a time and in which a place is left, by primary key."""
    rows = with_places(Course.objects.all(), at).filter(registered_at__gt=after, registered_at__lte=until)
    return rows.select_related("unit").in_bulk()


def courses_known_to(people: Collection[int], courses: Iterable[int]) -> set[tuple[int, int]]:
    """Return (person, course) of those who are in a course or were turned down, by whichever of their records."""
    rows = Enrolment.objects.of_people(people).filter(course__in=list(courses), state__in=KNOWN_STATES)
    return set(rows.annotate(of=person_key()).values_list("of", "course"))


def first_moment(searches: Iterable[SavedSearch], day: date) -> datetime:
    """Return the moment from which on new courses are of interest to one of the searches."""
    earliest = clock.at_taipei(day) - CATCH_UP
    return max(min((told_until(search, day) for search in searches), default=earliest), earliest)


def told_until(search: SavedSearch, day: date) -> datetime:
    """Return until when the courses of a search were looked at, at most `CATCH_UP` ago."""
    earliest = clock.at_taipei(day) - CATCH_UP
    return max(search.told_until or search.watched_at or earliest, earliest)
