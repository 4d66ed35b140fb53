"""Looking up somebody who came without enrolment: after rights and rules, in the record, and thirty times a day at most.

A clerk must be able to find anybody of the country by a number, so a look-up tells a name. Whoever looked is recorded in
the record of the person found, and a day's look-ups are limited. People of the clerk's own unit, and people whose name the
clerk gave with the number, tell nothing new and do not count; a name that does not fit counts.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Least

from accounts.acting import Actor
from accounts.models import User
from audit import log
from courses.actions.states import lock_managed
from courses.enums import CourseState
from courses.errors import WrongState
from courses.models import Course
from hours.errors import TooManyLookUps, UnknownPerson
from hours.models import LookUpDay, Typed
from hours.queries.people import found_by, serving_at
from kit import clock

MOST_A_DAY = 30


def look_up(
    *,
    course: Course,
    by: Actor,
    asked: Sequence[Typed],
    ready: Callable[[Course], object] | None = None,
    at: datetime | None = None,
) -> list[User]:
    """Return the people behind what was typed, for a course that is over. `ready` are the rules of the act it is for.

    All or none. What was looked up stays recorded and counted also where somebody is unknown: the refusal comes after
    the transaction. Raises NotTheHandler and its like, WrongState, TooManyLookUps, UnknownPerson, and what `ready` raises.
    """
    found = _look_up(course, by, asked, ready, at or clock.now())
    if found is None:
        raise TooManyLookUps(most=MOST_A_DAY)
    for one, person in zip(asked, found, strict=True):
        if person is None:
            raise UnknownPerson(shown=one.shown)
    return [person for person in found if person]


@transaction.atomic
def _look_up(
    course: Course,
    by: Actor,
    asked: Sequence[Typed],
    ready: Callable[[Course], object] | None,
    moment: datetime,
) -> list[User | None] | None:
    """Return who was found, or None when the day's look-ups do not suffice."""
    course, by = lock_managed(course, by)
    if course.state not in (CourseState.REGISTERED, CourseState.CLOSED):
        raise WrongState(state=course.get_state_display())
    if ready:
        ready(course)
    found = found_by(asked)
    told = [person for person in found if person]
    missed = len(found) - len(told)
    if not _claim(by, missed + _telling(course, by, asked, found), missed, moment):
        log.record("read.walk_in", course, by=by, unit_id=course.unit_id, after={"refused": len(asked)})
        return None
    after = {"asked": len(asked), "found": len(told), "shown": [one.shown for one in asked][:50]}
    subjects = {person.pk for person in told}
    log.record("read.walk_in", course, by=by, unit_id=course.unit_id, subjects=subjects, after=after)
    return found


def _telling(course: Course, by: Actor, asked: Sequence[Typed], found: Sequence[User | None]) -> int:
    """How many people were found whose name the clerk did not know."""
    known = serving_at(course.unit_id, [person for person in found if person]) | {by.user.pk}
    return sum(
        person is not None and not one.name and person.pk not in known
        for one, person in zip(asked, found, strict=True)
    )


def _claim(by: Actor, number: int, missed: int, moment: datetime) -> bool:
    """Take so many of the day's look-ups. With none left nobody is looked up, known or not.

    Where they do not suffice, those that found nobody count all the same: otherwise a long list would be a way to try
    numbers without end.
    """
    day = clock.today(moment)
    LookUpDay.objects.bulk_create([LookUpDay(person=by.user, day=day)], ignore_conflicts=True)
    rows = LookUpDay.objects.filter(person=by.user, day=day, used__lt=MOST_A_DAY)
    if rows.filter(used__lte=MOST_A_DAY - number).update(used=F("used") + number):
        return True
    rows.update(used=Least(F("used") + missed, Value(MOST_A_DAY)))
    return False


def forget_old() -> int:
    """Remove the counters of past days."""
    return LookUpDay.objects.filter(day__lt=clock.today()).delete()[0]
