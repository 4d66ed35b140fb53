"""Look up the people whom a handler puts on a course's list: recorded, and limited where it discloses a name.

Names are compared within the handler's own unit only. Everybody else is found by the whole account, e-mail or number, as on the staff
list: shown masked, and thirty a day at most. Who is of the own unit, or is named beside the number, discloses nothing new.
"""

from collections.abc import Sequence

from django.db import transaction

from accounts.acting import Actor
from accounts.locks import queue_person
from accounts.queries.names import distinguish_people
from audit import log
from courses.actions.states import lock_managed, require_registered
from courses.errors.participants import (
    SeveralOfThatName,
    TooManyLines,
    TooManyParticipantLookUps,
    UnknownPerson,
)
from courses.models import Course
from courses.models.typed import Typed
from courses.queries.participants import Match, matches
from kit.sentence_parts import listed

MOST_A_DAY = 30
MOST_LINES = 500
LOOK_UP = "read.participant_look_up"


def look_up(*, course: Course, by: Actor, typed: Sequence[Typed]) -> list[Match]:
    """Return what each line means. The look-ups stay recorded and counted also where they are too many: the refusal follows.

    Raise NotTheHandler and its like, WrongState, TooManyLines, TooManyParticipantLookUps.
    """
    if len(typed) > MOST_LINES:
        raise TooManyLines(number=len(typed), most=MOST_LINES)
    found = _look_up(course, by, typed)
    if found is None:
        raise TooManyParticipantLookUps(most=MOST_A_DAY)
    return found


@transaction.atomic
def _look_up(course: Course, by: Actor, typed: Sequence[Typed]) -> list[Match] | None:
    # One after the other for each handler: two requests at a time do not look up one person too many.
    queue_person(by.user.pk)
    course, by = lock_managed(course, by)
    require_registered(course)
    found = matches(course, typed)
    number = sum(_discloses(row) for row in found)
    if number and used_today(by) + number > MOST_A_DAY:
        log.record(LOOK_UP, course, by=by, unit_id=course.unit_id, after={"refused": number, "counted": 0})
        return None
    people = {person.pk for row in found for person in row.people}
    after = {"asked": len(typed), "found": len(people), "counted": number}
    log.record(LOOK_UP, course, by=by, unit_id=course.unit_id, subjects=people, after=after)
    return found


def only_person(match: Match) -> int:
    """Return the one person whom a line means. Raise UnknownPerson, SeveralOfThatName."""
    if not match.people:
        raise UnknownPerson(shown=match.typed.shown)
    if len(match.people) > 1:
        accounts = listed(distinguish_people(match.people).values())
        raise SeveralOfThatName(name=match.typed.text, accounts=accounts)
    return match.people[0].pk


def _discloses(match: Match) -> bool:
    """Whether a line discloses that a person of another unit is known, or is not."""
    return not match.typed.is_name and not (match.people and match.known)


def used_today(by: Actor) -> int:
    """Return how many of the day's look-ups a person has used."""
    used = log.made_today(LOOK_UP, by).values_list("after", flat=True)
    return sum(int(after.get("counted", 0)) for after in used)
