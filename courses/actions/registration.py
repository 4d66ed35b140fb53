"""課程登錄: drafts, registering behind the unit's gate, editing, copying."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy as shallow_copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from accounts.acting import Actor
from accounts.actions.numbering import next_number
from accounts.locks import lock_actor
from audit import log
from courses.actions import contacts, lights, seats
from courses.actions.course_changes import note_move, notify_changes, refuse_fixed_dates, refuse_the_past
from courses.actions.course_limits import refuse_out_of_bounds
from courses.actions.search_index import search_text
from courses.actions.states import lock_managed, move
from courses.enums import Admission, CourseState, TransferState
from courses.errors import (
    CapacityBelowSeats,
    CourseChanged,
    CourseIncomplete,
    LooksLikeAnother,
    NotYourUnit,
    RegistrationSuspended,
    TransferPending,
    WrongState,
)
from courses.locks import lock_course
from courses.models import AudienceGroup, Course, Instructor, Session, Stage, Tag, YearlyPolicy
from courses.queries.changes import Facts, changes
from courses.queries.completeness import missing_facts
from courses.queries.course_plan import Plan
from courses.queries.drafts import draft_of_form
from courses.queries.hour_steps import hour_step
from courses.queries.lights import overdue_now, registration_is_open
from courses.queries.similar_courses import duplicates
from courses.rules import require_unit_hat
from kit import clock
from kit.errors import Refusal

FIRST_CODE = 4_000_001
# Columns a handler writes; everything else follows from rules.
WRITABLE = frozenset(
    [
        "title",
        "approval_number",
        "summary",
        "outline",
        "audience",
        "materials",
        "method",
        "nature",
        "mode",
        "place",
        "meeting_link",
        "hours",
        "fee",
        "payer",
        "capacity",
        "admission",
        "waiting_list",
        "enrol_from",
        "enrol_until",
        "contact_name",
        "contact_phone",
        "contact_mail",
        "contact2_name",
        "contact2_phone",
        "contact2_mail",
    ]
)


class BadHours(Refusal):
    @property
    def message(self) -> str:
        return _("Hours go in steps of %(step)s.") % self.params

    field = "hours"


@dataclass(frozen=True)
class SessionData:
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    topic: str = ""


@dataclass(frozen=True)
class CourseData:
    """The fields of a course from the form, the API or a copy. `fields` holds columns of WRITABLE; others are ignored."""

    fields: Mapping[str, Any]
    sessions: Sequence[SessionData] = ()
    instructors: Sequence[tuple[str, str]] = ()
    stages: Iterable[Stage] = field(default_factory=list)
    groups: Iterable[AudienceGroup] = field(default_factory=list)
    tags: Iterable[Tag] = field(default_factory=list)


@transaction.atomic
def save_draft(*, by: Actor, data: CourseData, form_key: UUID | None = None) -> Course:
    """A new draft with a code of its own, held by the account that is on. Drafts are possible while registration is off.

    `form_key` names the page that was sent: sent again, it returns the draft that it made. Raise NeedsBusinessAccount, BadHours.
    """
    return _new_draft(by, data, form_key=form_key)


def _new_draft(
    by: Actor, data: CourseData, announced: Decimal | None = None, form_key: UUID | None = None
) -> Course:
    account = require_unit_hat(lock_actor(by))
    # The counter's row is held from here on: of one page that was sent twice at once, the later sees the draft of the earlier.
    code = str(next_number("course", start=FIRST_CODE))
    if form_key and (known := draft_of_form(account.unit_id, form_key)):
        return known
    course = Course(unit=account.unit, handler=account, code=code, form_key=form_key)
    _write(course, data, announced)
    log.record("course.draft", course, by=by, unit_id=course.unit_id, after={"title": course.title})
    return course


@transaction.atomic
def update(
    *,
    course: Course,
    by: Actor,
    data: CourseData,
    version: int | None = None,
    at: datetime | None = None,
) -> Course:
    """Change a draft or a registered course; notify everybody with a live enrolment (`courses.queries.changes`).

    Raise NotTheHandler, WrongState (closed, withdrawn), CourseChanged (another version was saved meanwhile), DatesFixed,
    MovedIntoThePast, CapacityBelowSeats, CourseIncomplete, BadHours.
    """
    course, by = lock_managed(course, by)
    if version is not None and version != course.version:
        raise CourseChanged
    if course.state not in (CourseState.DRAFT, CourseState.REGISTERED):
        raise WrongState(state=course.get_state_display())
    before, facts = _columns(course), Facts.of(course)
    # The values before the change decide whether the course was over: writing moves its end.
    earlier = shallow_copy(course)
    _write(course, data, announced=course.hours)
    now = Facts.of(course)
    if course.state == CourseState.REGISTERED:
        _follow_up(course, earlier, facts, now, by, at or clock.now())
    log.record(
        "course.update",
        course,
        by=by,
        unit_id=course.unit_id,
        before=before | facts.as_record(),
        after=_columns(course) | now.as_record(),
    )
    return course


def _follow_up(course: Course, earlier: Course, before: Facts, after: Facts, by: Actor, at: datetime) -> None:
    """The rules of a registered course that was changed, and what follows for its people and its unit."""
    refuse_fixed_dates(earlier, before, after, at)
    refuse_the_past(course, before, after, at)
    _refuse_incomplete(course)
    note_move(course, before, after, at)
    prefetch_related_objects([course], "sessions")
    if earlier.admission == Admission.REVIEW != course.admission:
        seats.queue_applicants(course, by)
    seats.fill(course, at, is_freed=course.capacity > earlier.capacity)
    lights.follow(unit_ids=[course.unit_id], years=[earlier.year, course.year], cause="edit")
    notify_changes(course, changes(before, after), by, at)


@transaction.atomic
def register(*, course: Course, by: Actor, at: datetime | None = None, is_another: bool = False) -> Course:
    """課程登錄: the draft becomes a registered course, open to teachers.

    Recount the unit's overdue courses instead of trusting the stored light. The draft of a handler who has left goes to the
    person who registers it. `is_another`: the person confirmed that this is not the unit's existing course of the same name and
    day. Raise RegistrationSuspended, CourseIncomplete, LooksLikeAnother, NotTheHandler, WrongState.
    """
    course, by = lock_managed(course, by)
    require_open_gate(course.unit_id, at)
    if course.state == CourseState.DRAFT and not course.handler.is_active():
        _take_over(course, by)
    _refuse_incomplete(course)
    _refuse_bad_hours(course)
    if not is_another:
        _refuse_duplicate(course)
    move(course, CourseState.REGISTERED, registered_at=at or clock.now())
    lights.follow(unit_ids=[course.unit_id], years=[course.year], at=at, cause="register")
    log.record("course.register", course, by=by, unit_id=course.unit_id, after={"state": course.state})
    return course


def _take_over(course: Course, by: Actor) -> None:
    """Move a draft, with its contact, to the account of the acting person; the caller has checked the right to it."""
    account, old = require_unit_hat(by), course.handler
    contact = contacts.handed_over(course, old.user, account)
    before = {"handler": old.number} | {name: getattr(course, name) for name in contact}
    course.handler = account
    for name, value in contact.items():
        setattr(course, name, value)
    course.save(update_fields=["handler", *contact])
    after = {"handler": account.number} | contact
    log.record("course.transfer", course, by=by, unit_id=course.unit_id, before=before, after=after)


def require_open_gate(unit_id: int, at: datetime | None = None) -> None:
    """Raise RegistrationSuspended while the unit's light is red (letter, point 6)."""
    if not registration_is_open(unit_id, at):
        policy = YearlyPolicy.objects.in_force(clock.this_year(at))
        raise RegistrationSuspended(overdue=overdue_now(unit_id, at), limit=policy.unit_red_at)


@transaction.atomic
def copy(*, course: Course, by: Actor, form_key: UUID | None = None) -> Course:
    """Copy an earlier course of the unit as a draft, all but its dates. Raise NotYourUnit, NeedsBusinessAccount.

    The copy of a colleague's course leaves out the contact, the meeting link and the approval number. Hours are copied
    unchanged; registering the draft checks them against the step of hours of that day.
    """
    account = require_unit_hat(lock_actor(by))
    course = lock_course(course)
    if course.unit_id != account.unit_id:
        raise NotYourUnit
    fields = {name: getattr(course, name) for name in WRITABLE} | {"enrol_from": None, "enrol_until": None}
    fields |= contacts.copied(course, account)
    data = CourseData(
        fields=fields,
        instructors=list(course.instructors.values_list("name", "organisation")),
        stages=course.stages.all(),
        groups=course.groups.all(),
        tags=course.tags.all(),
    )
    return _new_draft(by, data, announced=course.hours, form_key=form_key)


@transaction.atomic
def discard_draft(*, course: Course, by: Actor) -> None:
    """Throw a draft away. Raise NotTheHandler, WrongState (it has been registered), TransferPending."""
    course, by = lock_managed(course, by)
    if course.state != CourseState.DRAFT:
        raise WrongState(state=course.get_state_display())
    if course.transfers.filter(state=TransferState.PENDING).exists():
        raise TransferPending(code=course.code)
    course.transfers.all().delete()  # the record keeps what became of them
    log.record("course.discard", course, by=by, unit_id=course.unit_id, before={"title": course.title})
    course.delete()


def _write(course: Course, data: CourseData, announced: Decimal | None = None) -> None:
    """Write the fields to the course. Hours that are already `announced` stay, whatever the current step of hours."""
    for name in WRITABLE & data.fields.keys():
        setattr(course, name, data.fields[name])
    refuse_out_of_bounds(course, WRITABLE & data.fields.keys(), data.sessions)
    if course.capacity < course.seats_taken:
        raise CapacityBelowSeats(taken=course.seats_taken)
    _set_days(course, data.sessions)
    if course.hours != announced:
        _refuse_bad_hours(course)
    instructors = [Instructor(name=n, organisation=o, order=i) for i, (n, o) in enumerate(data.instructors)]
    course.search_text = search_text(course, [i.name for i in instructors], [s.place for s in data.sessions])
    course.version = course.version + 1 if course.pk else 1
    course.save()
    _replace_rows(course, data.sessions, instructors)
    course.stages.set(data.stages)
    course.groups.set(data.groups)
    course.tags.set(data.tags)


def _refuse_bad_hours(course: Course) -> None:
    step = hour_step(course)
    if course.hours % step:
        raise BadHours(step=step.normalize())


def _set_days(course: Course, sessions: Sequence[SessionData]) -> None:
    """Days and year follow from the sessions: the year is that of the last one (guess, domain.md §3)."""
    if not sessions:
        course.starts_on = course.ends_on = course.ends_at = course.year = None
        return
    course.starts_on = clock.day_of(min(s.starts_at for s in sessions))
    course.ends_at = max(s.ends_at for s in sessions)
    # A session that ends at midnight belongs to the day before.
    course.ends_on = max(course.starts_on, clock.day_of(course.ends_at - timedelta(microseconds=1)))
    course.year = clock.roc_year(course.ends_on)


def _replace_rows(course: Course, sessions: Sequence[SessionData], instructors: list[Instructor]) -> None:
    course.sessions.all().delete()
    course.instructors.all().delete()
    rows = sorted(sessions, key=lambda s: s.starts_at)
    Session.objects.bulk_create(
        [
            Session(course=course, starts_at=s.starts_at, ends_at=s.ends_at, place=s.place, topic=s.topic)
            for s in rows
        ]
    )
    for row in instructors:
        row.course = course
    Instructor.objects.bulk_create(instructors)


def _refuse_incomplete(course: Course) -> None:
    if missing := missing_facts(course):
        raise CourseIncomplete(missing="、".join(str(fact.label) for fact in missing))


def _refuse_duplicate(course: Course) -> None:
    if same := duplicates(Plan.of(course)):
        raise LooksLikeAnother(title=same[0].title, code=same[0].code)


def _columns(course: Course) -> dict[str, Any]:
    names = sorted(WRITABLE | {"starts_on", "ends_on", "ends_at"})
    return {name: getattr(course, f"{name}_id" if name == "nature" else name) for name in names}
