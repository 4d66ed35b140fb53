"""Calendars by secret addresses, notices of an opening and of a kept search, and a neighbour that turns red if nobody acts."""

from datetime import date, timedelta

from accounts.acting import Actor
from courses.actions import feeds, saved_searches, watches
from courses.forms.catalogue_filter import known_query
from courses.models import Course
from demo.people import DemoPeople, actor

# So many days ago the courses of the forecast ended: their closing days are over within the next two weeks.
ENDED = (27, 25, 24, 22)


def load(cast: DemoPeople, ahead: Course) -> None:
    """`ahead`: a course whose enrolment is still to open."""
    teacher, handler = Actor(cast.yellow), actor(cast.handler)
    _own, secret = feeds.make(by=teacher, of_unit=False)
    # A program has read the teacher's calendar; the unit's has not been read yet.
    feeds.find(secret)
    feeds.make(by=handler, of_unit=True)
    watches.watch_course(by=teacher, course=ahead)
    for name, query, is_on in (("家庭教育", "q=家庭教育", True), ("線上研習", "mode=online", False)):
        search = saved_searches.save(by=teacher, name=name, query=known_query(query))
        if is_on:
            watches.watch_search(by=teacher, search=search, is_on=True)


def days_of_the_forecast(today: date) -> list[date]:
    """Return the days of the unclosed courses that turn a unit red within two weeks."""
    return [today - timedelta(days=ago) for ago in ENDED]
