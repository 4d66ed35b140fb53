"""Put people on a course's list as admitted: many at once, within the places or with more places in the same act."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from accounts.acting import Actor
from accounts.models import User
from audit import log
from audit.models import AuditEvent
from courses.actions import quota_seats, seats
from courses.actions.course_limits import refuse_out_of_bounds
from courses.actions.states import lock_managed, require_registered
from courses.change_signals import announce_changed
from courses.enums import SEATED, EnrolmentState
from courses.errors import CourseOver
from courses.errors.participants import HelperAdded, NobodyChosen, PlacesShort
from courses.locks import lock_enrolments
from courses.models import Course, Enrolment
from courses.queries.helpers import named_among
from courses.queries.participants import by_person, units_of
from courses.queries.quotas import Allotment, allot
from kit import clock

S = EnrolmentState


@dataclass(frozen=True)
class Added:
    """`rows` are the new participants, `already` the number of people who were on the list, `places` the new number of places or 0."""

    rows: list[Enrolment]
    already: int
    places: int = 0


@transaction.atomic
def add(
    *,
    course: Course,
    by: Actor,
    people: Collection[int],
    more_places: bool = False,
    at: datetime | None = None,
) -> Added:
    """Admit people, all or none, and notify each. Who has a place already is left out: the same request twice adds nobody twice.

    `more_places` raises the course's places to what is needed. Raise NotTheHandler and its like, WrongState, CourseOver, NobodyChosen,
    HelperAdded (named as a lecturer or member of staff), PlacesShort, OutOfBounds (more places than a course holds).
    """
    moment = at or clock.now()
    course, by = lock_managed(course, by)
    require_registered(course)
    if course.has_ended(moment):
        raise CourseOver
    wanted = listable(course, people)
    refuse_helpers(course, wanted)
    known = course.enrolments.of_people(wanted).values_list("pk", flat=True)
    there = by_person(lock_enrolments(course, known))
    changed = [row for row in there.values() if row.state not in SEATED]
    fresh = [wanted[pk] for pk in sorted(wanted.keys() - there.keys())]
    number = len(changed) + len(fresh)
    if course.seats_kept:
        quota_seats.release_over(course, moment)
    new = [person for person, row in there.items() if row.state not in SEATED]
    found = allot(course, [*(person.pk for person in fresh), *new], moment)
    places = _claim(course, by, found, number, more_places) if number else 0
    rows = _write(course, by, fresh, changed, moment)
    quota_seats.note(found, {row.person_id: row for row in rows})
    return Added(rows, len(wanted) - number, places)


def listable(course: Course, people: Collection[int]) -> dict[int, User]:
    """Return those of the people whom a course's lists may have. Raise NobodyChosen."""
    # A guest has no log-in: the unit that entered the person may put the guest on its lists.
    able = Q(is_active=True) | Q(is_guest=True, closed_at=None, guest__unit=course.unit_id)
    found = User.objects.filter(able, pk__in=set(people)).in_bulk()
    if not found:
        raise NobodyChosen
    return found


def refuse_helpers(course: Course, people: Iterable[int]) -> None:
    """Raise HelperAdded if one of the people is named as a lecturer or member of staff of a locked course."""
    if helper := named_among(course, people):
        raise HelperAdded(name=helper.user.name, kind=helper.get_participation_display())


def _claim(course: Course, by: Actor, found: Allotment, number: int, more_places: bool) -> int:
    """Claim the places; return the new number of places where it was raised. Raise PlacesShort, OutOfBounds."""
    missing = number - len(found.people)
    if missing and not more_places:
        raise PlacesShort(left=len(found.people), chosen=number)
    if missing:
        before, course.capacity = course.capacity, course.capacity + missing
        refuse_out_of_bounds(course, ["capacity"], [])
        Course.objects.filter(pk=course.pk).update(capacity=course.capacity, version=F("version") + 1)
        log.record(
            "course.update",
            course,
            by=by,
            unit_id=course.unit_id,
            before={"capacity": before},
            after={"capacity": course.capacity},
        )
        announce_changed([course])
    # Under the course's lock nobody else takes them.
    quota_seats.claim(course.pk, Allotment(found.kept, [*found.open, *range(missing)]))
    return course.capacity if missing else 0


def _write(
    course: Course, by: Actor, fresh: Collection[User], changed: list[Enrolment], moment: datetime
) -> list[Enrolment]:
    units = units_of(course, [person.pk for person in fresh])
    made = Enrolment.objects.bulk_create(
        [
            Enrolment(
                course=course,
                user=person,
                unit_id=units.get(person.pk),
                state=S.ADMITTED,
                enrolled_at=moment,
                decided_at=moment,
            )
            for person in fresh
        ],
        batch_size=500,
    )
    events = _record(course, by, made, changed)
    Enrolment.objects.filter(pk__in=[row.pk for row in changed]).update(
        state=S.ADMITTED, walk_in=False, cause="", decided_at=moment
    )
    rows = [*made, *changed]
    seats.notify_decision(course, rows, "nominated", events, sent_by=by.person_label)
    return rows


def _record(course: Course, by: Actor, made: list[Enrolment], changed: list[Enrolment]) -> list[AuditEvent]:
    """Record each new participant, from the state that the row had."""
    former = dict.fromkeys((row.pk for row in made), "") | {row.pk: row.state for row in changed}
    return log.record_many(
        log.event(
            "enrolment.added",
            row,
            by=by,
            unit_id=course.unit_id,
            before={"state": former[row.pk]} if former[row.pk] else {},
            after={"state": S.ADMITTED},
        )
        for row in (*made, *changed)
    )
