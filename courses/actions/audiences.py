"""Who may enrol in a course, and the quotas that keep places for some until a day: set by the handler, released when they are over."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.acting import Actor
from accounts.models import County, Title, Unit
from audit import log
from courses.actions import quota_seats, seats
from courses.actions.states import lock_managed, require_changeable, require_version
from courses.change_signals import announce_changed
from courses.enums import CourseState, OpenTo
from courses.errors.audience import (
    AudienceUnnamed,
    KeptTooLong,
    PeopleOutside,
    QuotaBelowTaken,
    QuotaNotForInvited,
    TooManyPlacesKept,
    TooManyQuotas,
)
from courses.locks import lock_course
from courses.models import AudienceTarget, Course, Quota
from courses.queries.audiences import people_outside, targets_of
from courses.queries.quotas import due_courses
from kit import clock
from kit.one_by_one import one_by_one

logger = logging.getLogger(__name__)

MOST_QUOTAS = 6


@dataclass(frozen=True)
class Who:
    """Conditions: `open_to`, with the units, counties and titles that are named."""

    open_to: str = OpenTo.ALL
    units: Collection[Unit] = ()
    counties: Collection[County] = ()
    titles: Collection[Title] = ()

    def named(self) -> Mapping[str, Collection[Any]]:
        """Return what counts of the named: units and counties only where the choice is about them."""
        return {
            "unit": self.units if self.open_to == OpenTo.UNITS else (),
            "county": self.counties if self.open_to == OpenTo.COUNTIES else (),
            "title": self.titles,
        }


@dataclass(frozen=True)
class QuotaData:
    """`pk` is that of a quota that stays, None for a new one."""

    who: Who
    places: int
    until: date | None = None
    pk: int | None = None


@dataclass(frozen=True)
class AudienceData:
    who: Who = field(default_factory=Who)
    only_stages: bool = False
    quotas: Sequence[QuotaData] = ()


@transaction.atomic
def set_audience(
    *,
    course: Course,
    by: Actor,
    data: AudienceData,
    version: int | None = None,
    is_confirmed: bool = False,
    at: datetime | None = None,
) -> Course:
    """Set who may enrol in a draft or a registered course, and its quotas. Nobody who is enrolled loses the place.

    `is_confirmed`: the person has seen how many of the enrolled could not enrol any more. Raise NotTheHandler and its like, WrongState,
    CourseChanged (another version was saved meanwhile), AudienceUnnamed, QuotaNotForInvited, TooManyQuotas, QuotaBelowTaken, KeptTooLong, TooManyPlacesKept, PeopleOutside.
    """
    moment = at or clock.now()
    course, by = lock_managed(course, by)
    require_changeable(course)
    require_version(course, version)
    quota_seats.release_over(course, moment)
    _refuse_bad(course, data, moment)
    before = audit_facts(course)
    _note_own_staff(course, data.who.open_to, moment)
    _write_who(course, data)
    outside = people_outside(course, moment)
    if course.state == CourseState.REGISTERED and any(outside) and not is_confirmed:
        raise PeopleOutside(seated=outside.seated, waiting=outside.waiting)
    was_open = course.seats_left
    _write_quotas(course, data.quotas)
    course.version += 1
    course.save(
        update_fields=["open_to", "own_staff_since", "only_stages", "only_titles", "seats_kept", "version"]
    )
    log.record(
        "course.audience", course, by=by, unit_id=course.unit_id, before=before, after=audit_facts(course)
    )
    if course.state == CourseState.REGISTERED:
        seats.fill(course, moment, is_freed=course.seats_left > was_open)
    announce_changed([course])
    return course


def _refuse_bad(course: Course, data: AudienceData, at: datetime) -> None:
    _refuse_unnamed(data.who, "open_to")
    if data.quotas and data.who.open_to == OpenTo.INVITED:
        raise QuotaNotForInvited(field="open_to")
    if len(data.quotas) > MOST_QUOTAS:
        raise TooManyQuotas(most=MOST_QUOTAS)
    for quota in data.quotas:
        _refuse_unnamed(quota.who, "quotas")
        _refuse_days(course, quota, clock.today(at))
    known: dict[int | None, Quota] = {quota.pk: quota for quota in course.quotas.filter(released_at=None)}
    left = 0
    for quota in data.quotas:
        # As `_write_quotas` does: a number that comes twice is a new quota the second time.
        row = known.pop(quota.pk, None)
        taken = row.taken if row else 0
        if quota.places < taken:
            raise QuotaBelowTaken(taken=taken, field="quotas")
        left += quota.places - taken
    most = course.capacity - course.seats_taken
    if left > most:
        raise TooManyPlacesKept(
            capacity=course.capacity, taken=course.seats_taken, most=max(most, 0), field="quotas"
        )


def _refuse_unnamed(who: Who, name: str) -> None:
    missing = {OpenTo.UNITS: who.units, OpenTo.COUNTIES: who.counties}
    if not missing.get(OpenTo(who.open_to), True) or (
        name == "quotas" and who.open_to == OpenTo.ALL and not who.titles
    ):
        raise AudienceUnnamed(field="units" if name == "open_to" else name)


def _refuse_days(course: Course, quota: QuotaData, today: date) -> None:
    if quota.until is None:
        return
    if quota.until < today or (course.starts_on and quota.until >= course.starts_on):
        raise KeptTooLong(field="quotas")


def _note_own_staff(course: Course, open_to: str, moment: datetime) -> None:
    """Note since when a registered course is for the own staff only: who had left before keeps the place (docs/adr/0040)."""
    if open_to != OpenTo.OWN_UNIT:
        course.own_staff_since = None
    elif course.open_to != OpenTo.OWN_UNIT and course.state == CourseState.REGISTERED:
        course.own_staff_since = moment


def _write_who(course: Course, data: AudienceData) -> None:
    course.open_to, course.only_stages = data.who.open_to, data.only_stages
    course.only_titles = bool(data.who.titles)
    course.targets.filter(quota=None).delete()
    AudienceTarget.objects.bulk_create(_targets(course, data.who, None))


def _targets(course: Course, who: Who, quota: Quota | None) -> list[AudienceTarget]:
    return [
        AudienceTarget(course=course, quota=quota, **{name: row})
        for name, rows in who.named().items()
        for row in rows
    ]


def _write_quotas(course: Course, wanted: Sequence[QuotaData]) -> None:
    """Write the quotas and what they keep. One that is removed opens its places to all; who has one of them keeps it."""
    known: dict[int | None, Quota] = {quota.pk: quota for quota in course.quotas.filter(released_at=None)}
    kept = []
    for data in wanted:
        quota = known.pop(data.pk, None) or Quota(course=course)
        quota.open_to, quota.only_titles = data.who.open_to, bool(data.who.titles)
        quota.places, quota.until = data.places, data.until
        quota.save()
        quota.targets.all().delete()
        AudienceTarget.objects.bulk_create(_targets(course, data.who, quota))
        kept.append(quota)
    if known:
        course.enrolments.filter(quota__in=known.values()).update(quota=None)
        course.quotas.filter(pk__in=[quota.pk for quota in known.values()]).delete()
    course.seats_kept = sum(quota.left for quota in kept)


def audit_facts(course: Course) -> dict[str, Any]:
    """Return the audience for the record: choices, and what is named by its code or name."""
    targets = targets_of(course)
    return {
        "open_to": course.open_to,
        "only_stages": course.only_stages,
        "named": [row.written for row in targets if row.quota_id is None],
        "quotas": [
            {
                "open_to": quota.open_to,
                "places": quota.places,
                "until": quota.until,
                "named": [row.written for row in targets if row.quota_id == quota.pk],
            }
            for quota in course.quotas.filter(released_at=None)
        ],
    }


def copy_audience(course: Course, to: Course) -> None:
    """Give the copy of a course the same audience and quotas, without the days until which places are kept."""
    rows = targets_of(course)
    quotas = list(course.quotas.all())
    _write_who(to, AudienceData(_who(course, rows, None), course.only_stages))
    most = to.capacity
    data = []
    for quota in quotas[:MOST_QUOTAS]:
        if quota.places <= most:
            data.append(QuotaData(_who(quota, rows, quota.pk), quota.places))
            most -= quota.places
    _write_quotas(to, data)
    to.save(update_fields=["open_to", "only_stages", "only_titles", "seats_kept"])


def _who(rule: Course | Quota, rows: Sequence[AudienceTarget], quota: int | None) -> Who:
    mine = [row for row in rows if row.quota_id == quota]
    return Who(
        rule.open_to,
        [row.unit for row in mine if row.unit],
        [row.county for row in mine if row.county],
        [row.title for row in mine if row.title],
    )


def follow_successors(unit: Unit, successors: Collection[Unit]) -> None:
    """Let the staff of a unit's successors enrol where courses that are not over name the unit, and not the successor already."""
    live = AudienceTarget.objects.filter(course__state__in=[CourseState.DRAFT, CourseState.REGISTERED])
    known = set(live.filter(unit__in=successors).values_list("course_id", "quota_id", "unit_id"))
    named = live.filter(unit=unit).order_by("pk").values_list("course_id", "quota_id")
    AudienceTarget.objects.bulk_create(
        AudienceTarget(course_id=course_id, quota_id=quota_id, unit=successor)
        for course_id, quota_id in dict.fromkeys(named)
        for successor in successors
        if (course_id, quota_id, successor.pk) not in known
    )


def release_due(at: datetime | None = None) -> int:
    """Open to all the places whose day is over, course by course, and let the waiting lists move up; return how many courses.

    Safe to run twice. A course that fails keeps no other from its turn. Raise an `ExceptionGroup` of all failures at the end.
    """
    moment, released = at or clock.now(), 0
    with one_by_one(logger, "kept places could not be opened") as turn:
        for course in due_courses(moment):
            with turn(f"course {course.pk}"):
                released += _release(course, moment)
    return released


@transaction.atomic
def _release(course: Course, at: datetime) -> bool:
    course = lock_course(course)
    if not quota_seats.release_over(course, at):
        return False
    seats.fill(course, at, is_freed=True)
    return True
