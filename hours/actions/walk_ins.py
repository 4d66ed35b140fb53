"""Look up a participant who came without enrolment: after rights and rules, recorded, at most thirty times a day.

A clerk must be able to find any person of the country by a number, so a look-up discloses a name. Each look-up is recorded in
the record of the person found, and the look-ups of a day are limited. People of the clerk's own unit, and people whose name the
clerk gave with the number, disclose nothing new and do not count; a name that does not match counts.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Least

from accounts.acting import Actor
from accounts.models import User
from accounts.queries.names import distinguish_people
from audit import log
from courses.actions.states import lock_managed
from courses.enums import CourseState
from courses.errors import WrongState
from courses.errors.participants import SeveralOfThatName, UnknownPerson
from courses.models import Course
from courses.models.typed import Typed
from courses.queries.people import found_by, named_at, serving_at
from hours.errors import TooManyLookUps
from hours.models import LookUpDay
from kit import clock
from kit.sentence_parts import listed
from kit.texts import squeezed

MOST_A_DAY = 30


def look_up(
    *,
    course: Course,
    by: Actor,
    typed: Sequence[Typed],
    ready: Callable[[Course], object] | None = None,
    at: datetime | None = None,
) -> list[User]:
    """Return the people for the typed identities, for a course that is over. `ready` checks the rules of the calling action.

    All or none. The look-ups stay recorded and counted also if one is unknown: the refusal follows the transaction. Raise
    NotTheHandler and its like, WrongState, TooManyLookUps, UnknownPerson, SeveralOfThatName, and the refusals of `ready`.
    """
    found = _look_up(course, by, typed, ready, at or clock.now())
    if found is None:
        raise TooManyLookUps(most=MOST_A_DAY)
    for one, person in zip(typed, found, strict=True):
        if person is None:
            raise UnknownPerson(shown=one.shown)
    return [person for person in found if person]


@transaction.atomic
def _look_up(
    course: Course,
    by: Actor,
    typed: Sequence[Typed],
    ready: Callable[[Course], object] | None,
    moment: datetime,
) -> list[User | None] | None:
    """Return who was found, or None when the day's look-ups do not suffice."""
    course, by = lock_managed(course, by)
    if course.state not in (CourseState.REGISTERED, CourseState.CLOSED):
        raise WrongState(state=course.get_state_display())
    if ready:
        ready(course)
    found = _found(course, typed)
    told = [person for person in found if person]
    # A name is compared within the own unit only: that it is missing there discloses nothing.
    missed = sum(person is None and not one.is_name for one, person in zip(typed, found, strict=True))
    if not _claim(by, missed + _disclosed(course, by, typed, found), missed, moment):
        log.record("read.walk_in", course, by=by, unit_id=course.unit_id, after={"refused": len(typed)})
        return None
    after = {"asked": len(typed), "found": len(told), "shown": [one.shown for one in typed][:50]}
    subjects = {person.pk for person in told}
    log.record("read.walk_in", course, by=by, unit_id=course.unit_id, subjects=subjects, after=after)
    return found


def _found(course: Course, typed: Sequence[Typed]) -> list[User | None]:
    """Return the person for each text; a name alone means a person of the course's unit. Raise SeveralOfThatName."""
    named = named_at(course.unit_id, typed)
    found = found_by(typed, course.unit_id)
    for place, one in enumerate(typed):
        people = named.get(squeezed(one.text), []) if one.is_name and found[place] is None else []
        if len(people) > 1:
            accounts = listed(distinguish_people(people).values())
            raise SeveralOfThatName(name=one.text, accounts=accounts)
        if people:
            found[place] = people[0]
    return found


def _disclosed(course: Course, by: Actor, typed: Sequence[Typed], found: Sequence[User | None]) -> int:
    """How many people were found whose name the clerk did not know."""
    people = [person for person in found if person]
    # The unit entered its guests itself.
    guests = {person.pk for person in people if person.is_guest}
    known = serving_at(course.unit_id, people) | guests | {by.user.pk}
    return sum(
        person is not None and not one.name and person.pk not in known
        for one, person in zip(typed, found, strict=True)
    )


def _claim(by: Actor, number: int, missed: int, moment: datetime) -> bool:
    """Use up that many of the day's look-ups; with none left, refuse known and unknown people alike.

    If they do not suffice, the look-ups that found no one still count: otherwise a long list could try numbers without limit.
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
