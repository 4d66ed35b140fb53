"""The clock's notices of watches: enrolment in a course has opened; new courses that a person's watched searches find, in one digest a day.

A digest covers the registrations until the hour of its day, and the search keeps that moment: two workers at once make the same digest, and
no search names a course twice.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from accounts.queries.persons import survivor
from courses.actions.confirmations import facts_of
from courses.models import Course, EnrolmentWatch, SavedSearch
from courses.queries import watches
from courses.queries.offers import offers
from courses.queries.reminder_hours import remind_hour
from kit import clock, request_memo
from notices import outbox, outdated
from notices.models import Notice
from notices.timed import Batch

OPEN, FOUND = "enrolment_open", "search_found"
WATCHES_AT_ONCE, OWNERS_AT_ONCE, LINES = 500, 50, 30
# Of some courses, those that a search finds, by the query string of the catalogue: its filter registers itself (`courses.apps`).
Finder = Callable[[str, Collection[int]], Collection[int]]
_finder: list[Finder] = []
Find = tuple[SavedSearch, Course]


def find_by(finder: Finder) -> None:
    """Use `finder` to look up which courses a saved search finds."""
    _finder[:] = [finder]


def open_batch(day: date, cursor: int) -> Batch:
    """Return notices to people who wait for the enrolment of a course that is open now and has a place left that they may take.

    The others keep their watch: a place may become free, or the audience be widened.
    """
    rows = list(_shown(watches.opened(clock.now()).filter(pk__gt=cursor)).order_by("pk")[:WATCHES_AT_ONCE])
    with request_memo.remembering():
        offered = watches.with_offers(rows, clock.now())
        # A person who watches a course by two records gets one notice of it.
        notices = [
            _open_notice(row) for row in {(r.person.person_id, r.course_id): r for r in offered}.values()
        ]
    EnrolmentWatch.objects.filter(pk__in=watches.of_same_people(offered)).update(told_at=clock.now())
    return Batch(notices, rows[-1].pk if len(rows) == WATCHES_AT_ONCE else None)


def _shown(rows: Any) -> Any:
    related = ("person__merged_into", "course__unit", "course__handler__user", "course__co_handler__user")
    return rows.select_related(*related).prefetch_related("course__sessions")


def _open_notice(row: EnrolmentWatch) -> outbox.NewNotice:
    course = row.course
    return outbox.NewNotice(
        kind=OPEN,
        to=survivor(row.person),
        about=f"course:{course.pk}",
        event=f"watch:{row.pk}",
        refs=[f"watch:{row.pk}"],
        path=reverse("courses:public", args=[course.code]),
        context={
            "course": course.title,
            "code": course.code,
            "starts_on": course.starts_on,
            **facts_of(course),
        },
    )


@outdated.recheck(OPEN)
def is_open(notices: Sequence[Notice]) -> dict[int, tuple[str, str] | None]:
    """A notice is sent while the person may enrol, a place is left, and the person is not in it and has not taken the wish back."""
    ids = {notice.pk: notice.first_number for notice in notices}
    told = EnrolmentWatch.objects.filter(pk__in=ids.values())
    # What the batch marked as told is judged as if it were not.
    with request_memo.remembering():
        still = watches.with_offers(_shown(watches.still_open(told, clock.now())), clock.now())
        rows = {row.pk: row for row in still}
        return {
            pk: outbox.text_of(_open_notice(rows[number])) if number in rows else None
            for pk, number in ids.items()
        }


def found_batch(day: date, cursor: int) -> Batch:
    """Return a digest for each of some people whose searches find courses registered since their last digest.

    Constant queries, and a few for each different search among those, when there are new courses at all.
    """
    owners = watches.owners_after(cursor, OWNERS_AT_ONCE)
    searches = watches.searches_of(owners)
    until = clock.at_taipei(day, time(remind_hour(day)))
    new = watches.registered_between(watches.first_moment(searches, day), until, clock.now())
    finds = _finds(searches, new, day)
    SavedSearch.objects.filter(pk__in=[search.pk for search in searches]).update(told_until=until)
    notices = [_digest(person, rows, day) for person, rows in finds]
    return Batch(notices, owners[-1] if len(owners) == OWNERS_AT_ONCE else None)


def _finds(
    searches: Sequence[SavedSearch], new: dict[int, Course], day: date
) -> list[tuple[User, list[Find]]]:
    """Return each person with the new courses of the own searches."""
    if not new:
        return []
    known = watches.courses_known_to({search.owner.person_id for search in searches}, new)
    by_query = {query: set(_finder[0](query, new)) for query in {search.query for search in searches}}
    finds = [
        (search, new[pk])
        for search in searches
        for pk in sorted(by_query[search.query], key=lambda pk: (new[pk].starts_on, pk))
        if _registered(new[pk]) > watches.told_until(search, day)
        and (search.owner.person_id, pk) not in known
    ]
    found: dict[User, list[Find]] = {}
    for search, course in _offered(finds):
        found.setdefault(survivor(search.owner), []).append((search, course))
    return list(found.items())


def _offered(finds: Sequence[Find]) -> list[Find]:
    """Return the finds whose course has a place that the owner of the search may take."""
    with request_memo.remembering():
        offered = offers([(search.owner.person_id, course) for search, course in finds])
    return [find for find in finds if offered[find[0].owner.person_id, find[1].pk].has_place]


def _registered(course: Course) -> datetime:
    return course.registered_at or course.created_at


def _digest(person: User, rows: Sequence[Find], day: date) -> outbox.NewNotice:
    return outbox.NewNotice(
        kind=FOUND,
        to=person,
        about=f"person:{person.pk}",
        day=day,
        refs=[f"search:{search.pk}:{course.pk}" for search, course in rows],
        path=reverse("courses:watches"),
        context={
            "found": [_line(search, course) for search, course in rows[:LINES]],
            "more": len(rows) - LINES if len(rows) > LINES else 0,
        },
    )


def _line(search: SavedSearch, course: Course) -> dict[str, Any]:
    return {
        "search": search.name,
        "code": course.code,
        "title": course.title,
        "starts_on": course.starts_on,
        "unit": course.unit.name,
        "url": settings.SITE_URL + reverse("courses:short", args=[course.code]),
    }


@outdated.recheck(FOUND)
def is_still_found(notices: Sequence[Notice]) -> dict[int, tuple[str, str] | None]:
    """A digest names what is still watched and has a place left when it leaves; without any it is not sent."""
    refs = {notice.pk: [tuple(map(int, ref.split(":")[1:])) for ref in notice.refs] for notice in notices}
    searches = (
        SavedSearch.objects.filter(pk__in=_firsts(refs.values()), watched_at__isnull=False)
        .select_related("owner__merged_into")
        .in_bulk()
    )
    numbers = {course for pairs in refs.values() for _search, course in pairs}
    rows = watches.with_places(Course.objects.filter(pk__in=numbers), clock.now())
    courses = rows.select_related("unit").in_bulk()
    known = watches.courses_known_to({search.owner.person_id for search in searches.values()}, courses)
    left = {
        notice: [
            (searches[search], courses[course])
            for search, course in pairs
            if search in searches
            and course in courses
            and (searches[search].owner.person_id, course) not in known
        ]
        for notice, pairs in refs.items()
    }
    offered = set(_offered([find for finds in left.values() for find in finds]))
    days = {notice.pk: clock.day_of(notice.created_at) for notice in notices}
    return {
        notice: _text([find for find in finds if find in offered], days[notice])
        for notice, finds in left.items()
    }


def _text(finds: Sequence[Find], day: date) -> tuple[str, str] | None:
    return outbox.text_of(_digest(survivor(finds[0][0].owner), finds, day)) if finds else None


def _firsts(pairs: Iterable[Sequence[tuple[int, ...]]]) -> set[int]:
    return {pair[0] for of_one in pairs for pair in of_one}
