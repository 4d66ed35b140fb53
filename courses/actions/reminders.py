"""通知: reminding those in charge to close their courses. In the inbox and by e-mail; each course is named to a person once a day at most."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.acting import Actor
from accounts.locks import lock_actor
from accounts.models import Unit, User
from accounts.unit_pages import unit_page
from audit import log
from courses.enums import CourseState
from courses.errors import NothingToClose, OnlyOversight
from courses.locks import lock_course_rows
from courses.models import Course
from courses.models.querysets import CourseQuerySet
from courses.queries import forecast, in_charge, oversight
from courses.rules import require_unit_hat
from jobs import actions
from jobs.models import Job
from kit import clock
from kit.sentence_parts import listed
from notices import outbox, outdated
from notices.models import Notice

KIND = "please_close"


@dataclass(frozen=True)
class ReminderResult:
    """What a reminder did, counted from the notices that were written.

    courses: how many were selected. people: who is in charge of them. told: people notified now (the others had a notice of the
    same courses today). untold: the units whose courses have nobody in charge, with their telephones.
    """

    courses: int
    people: int
    told: int
    untold: tuple[str, ...] = ()


@transaction.atomic
def notify_handlers(*, by: Actor, course_ids: Collection[int], at: datetime | None = None) -> ReminderResult:
    """A unit's hat reminds those in charge of chosen courses of the unit that are over and not closed.

    Courses that were closed or withdrawn meanwhile are left out. Raise NeedsBusinessAccount, NothingToClose.
    """
    by = lock_actor(by)
    account = require_unit_hat(by)
    chosen = Course.objects.of_unit(account.unit_id).filter(pk__in=course_ids)
    early = chosen.filter(state__in=(CourseState.DRAFT, CourseState.REGISTERED)).exclude(
        pk__in=chosen.closable(at).values("pk")
    )
    if names := [f"{course.code} {course.title}" for course in early.order_by("code")]:
        raise NothingToClose(courses=listed(names))
    return _remind(chosen.closable(at), by, at)


@transaction.atomic
def chase(
    *, by: Actor, unit_ids: Collection[int], year: int | None = None, at: datetime | None = None
) -> ReminderResult:
    """Remind the handlers of the overdue courses of chosen units, as a county officer or the operator.

    `year`: every unclosed course of that ROC year that is over (the year-end list); otherwise the courses that light the units
    now and, until its final deadline, last year's rest. Units of other counties are left out. Takes a constant number of
    queries. Raise OnlyOversight.
    """
    by = lock_actor(by)
    require_oversight(by)
    due = Course.objects.closable(at).filter(year=year) if year else oversight.to_chase(at)
    courses = due.filter(unit_id__in=unit_ids)
    if not by.is_operator_hat and by.account:
        courses = courses.filter(unit__county=by.county)
    return _remind(courses, by, at)


@transaction.atomic
def warn(*, by: Actor, unit_ids: Collection[int], at: datetime | None = None) -> ReminderResult:
    """Remind those in charge of the courses that turn chosen units red within `forecast.WINDOW` if nobody acts.

    Units that do not turn red by then, and units of other counties, are left out. Raise OnlyOversight.
    """
    by = lock_actor(by)
    require_oversight(by)
    day = clock.today(at)
    until = forecast.window_end(day)
    units = Unit.objects.filter(pk__in=unit_ids)
    units = units if by.is_operator_hat else units.filter(county=by.county)
    red_on = {pk: turns for pk, (turns, _lit) in forecast.red_days(day, until, units).items()}
    return _remind(forecast.causes(day, until, list(red_on)).closable(at), by, at, red_on)


@transaction.atomic
def chase_in_background(
    *, by: Actor, unit_ids: Collection[int], year: int | None = None, ahead: bool = False
) -> Job:
    """`chase`, or with `ahead` `warn`, as a job whose page shows how many units are done. Raise OnlyOversight."""
    by = lock_actor(by)
    require_oversight(by)
    units = sorted(set(unit_ids))
    facts = {"units": units, "year": year, "ahead": ahead}
    return actions.start("chase", by=by, parameters=facts, total=len(units))


def require_oversight(by: Actor) -> None:
    """Raise OnlyOversight."""
    if not (by.is_county_hat or by.is_operator_hat) or not by.is_in_force:
        raise OnlyOversight


def _remind(
    courses: CourseQuerySet, by: Actor, at: datetime | None, red_on: Mapping[int, date] | None = None
) -> ReminderResult:
    """Lock the courses, then find them again: who has closed one meanwhile is not reminded of it.

    Only courses that a notice names are stamped and recorded as reminded. `red_on`: the days on which units turn red.
    """
    lock_course_rows(courses.values_list("pk", flat=True))
    day = clock.today(at)
    found = list(
        courses.select_related("handler__user", "co_handler__user", "unit").order_by("ends_on", "id")
    )
    charge = in_charge.of_courses(found, day)
    by_person: dict[tuple[User, int], list[Course]] = {}
    for course in found:
        for person in charge[course.pk].people:
            by_person.setdefault((person, course.unit_id), []).append(course)
    people = {person.pk for person, _ in by_person}
    # Without a course that was stamped today no notice of today names one.
    again = any(course.notified_at and clock.day_of(course.notified_at) == day for course in found)
    told = _notified_today(people, day) if again else set()
    rows = outbox.write_rows(
        _notice(person, unit_id, rest, by, at, (red_on or {}).get(unit_id))
        for (person, unit_id), rows in by_person.items()
        if (rest := [course for course in rows if (person.pk, ref_of(course)) not in told])
    )
    named = {ref for row in rows for ref in row.refs}
    _stamp([course for course in found if ref_of(course) in named], charge, by, at)
    nobody = {course.unit for course in found if charge[course.pk].is_nobody}
    untold = tuple(f"{unit.name} {unit.phone}".strip() for unit in sorted(nobody, key=lambda u: u.code))
    return ReminderResult(len(found), len(people), len({row.recipient_id for row in rows}), untold)


def ref_of(course: Course) -> str:
    """How a notice names a course."""
    return f"course:{course.pk}"


def _notified_today(people: set[int], day: date) -> set[tuple[int | None, str]]:
    """Return (person, course) of a day's reminders: a person is reminded of a course once a day."""
    rows = Notice.objects.filter(kind=KIND, recipient_id__in=people, key__endswith=f":{day.isoformat()}")
    return rows.named()


def _stamp(
    courses: list[Course], charge: Mapping[int, in_charge.InCharge], by: Actor, at: datetime | None
) -> None:
    Course.objects.filter(pk__in=[c.pk for c in courses]).update(
        notified_at=at or clock.now(), notified_by=by.person_label[:200]
    )
    log.record_many(
        log.event(
            "course.notify",
            course,
            by=by,
            unit_id=course.unit_id,
            after={"told": "、".join(account.number for account in charge[course.pk].accounts)},
        )
        for course in courses
    )


def _notice(
    person: User,
    unit_id: int,
    courses: list[Course],
    by: Actor,
    at: datetime | None,
    red_on: date | None,
) -> outbox.NewNotice:
    return outbox.NewNotice(
        kind=KIND,
        to=person,
        # The first course makes it unique: no course is named to a person twice a day.
        about=f"unit:{unit_id}:{courses[0].pk}",
        day=clock.today(at),
        refs=[ref_of(course) for course in courses],
        path=_list_of(courses),
        context=_context(courses) | {"red_on": red_on},
        sent_by=f"{by.person_label} ({by.account.unit.name})" if by.account else by.person_label,
    )


def _context(courses: Sequence[Course]) -> dict[str, object]:
    return {
        "unit": courses[0].unit.name,
        "courses": [{"code": c.code, "title": c.title, "ended": c.ends_on} for c in courses],
    }


def _list_of(courses: list[Course]) -> str:
    """Return the URL of the unit's list for the year of the oldest course: the list shows one year at a time."""
    year = min(c.year or 0 for c in courses)
    return unit_page("courses:unit_courses", courses[0].unit_id, state="registered", year=year)


@outdated.recheck(KIND)
def still_open(notices: Sequence[Notice]) -> dict[int, tuple[str, str] | None]:
    """A reminder that waited for the mail server names only what is still not closed; if all is closed, it is not sent."""
    named = {notice.pk: [int(ref.split(":")[1]) for ref in notice.refs] for notice in notices}
    ids = {pk for pks in named.values() for pk in pks}
    due = Course.objects.closable().select_related("unit").in_bulk(ids)
    found: dict[int, tuple[str, str] | None] = {}
    for notice in notices:
        rest = [due[pk] for pk in named[notice.pk] if pk in due]
        if named[notice.pk] and not rest:
            found[notice.pk] = None
        elif len(rest) < len(named[notice.pk]) and notice.recipient:
            found[notice.pk] = outbox.text_of(_reworded(notice, notice.recipient, rest))
    return found


def _reworded(notice: Notice, person: User, rest: list[Course]) -> outbox.NewNotice:
    return outbox.NewNotice(
        kind=KIND,
        to=person,
        about=notice.object_ref,
        event=notice.key,
        path=notice.path,
        context=_context(rest),
        sent_by=notice.sent_by,
    )
