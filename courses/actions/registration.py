"""課程登錄: drafts, registering behind the unit's gate, editing, copying."""

from copy import copy as shallow_copy
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import prefetch_related_objects

from accounts.acting import Actor
from accounts.actions import unit_rules
from accounts.actions.numbering import next_number
from accounts.locks import lock_actor
from audit import log
from courses.actions import contacts, course_fields, course_files, lights, postponements, seats
from courses.actions.audiences import copy_audience
from courses.actions.course_changes import note_move, notify_changes, refuse_fixed_dates, refuse_the_past
from courses.actions.course_fields import WRITABLE, CourseData
from courses.actions.questions import copy_questions
from courses.actions.states import lock_managed, move, require_changeable, require_version
from courses.change_signals import announce_changed, course_announced, course_copied
from courses.enums import Admission, CourseState, PublicChange, Questionnaire, TransferState
from courses.errors import (
    CourseIncomplete,
    LooksLikeAnother,
    NotYourUnit,
    RegistrationSuspended,
    RequiredTooLate,
    TransferPending,
    WrongState,
)
from courses.locks import lock_course
from courses.models import Course, YearlyPolicy
from courses.queries.changes import Facts, changes, new_times
from courses.queries.completeness import missing_facts
from courses.queries.copied_texts import copied_value
from courses.queries.course_drafts import draft_of_form
from courses.queries.course_plan import Plan
from courses.queries.lights import overdue_now, registration_is_open
from courses.queries.similar_courses import duplicates
from courses.rules import require_unit_hat
from kit import clock
from kit.sentence_parts import listed

FIRST_CODE = 4_000_001


@transaction.atomic
def save_draft(*, by: Actor, data: CourseData, form_key: UUID | None = None) -> Course:
    """A new draft with a code of its own, held by the account that is on. Drafts are possible while registration is off.

    `form_key` names the page that was sent: sent again, it returns the draft that it made. Raise NeedsBusinessAccount, UnitClosed,
    BadHours.
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
    unit_rules.require_open(account.unit)
    course = Course(unit=account.unit, handler=account, code=code, form_key=form_key)
    course_fields.write(course, data, by=by, announced=announced)
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
    require_version(course, version)
    require_changeable(course)
    before, facts = course_fields.columns(course), Facts.of(course)
    # The values before the change decide whether the course was over: writing moves its end.
    earlier = shallow_copy(course)
    course_fields.write(course, data, by=by, announced=course.hours)
    now = Facts.of(course)
    if course.ends_on != earlier.ends_on:
        course_files.follow(course, at or clock.now())
    if course.state == CourseState.REGISTERED:
        _follow_up(course, earlier, facts, now, by, at or clock.now())
    log.record(
        "course.update",
        course,
        by=by,
        unit_id=course.unit_id,
        before=before | facts.as_record(),
        after=course_fields.columns(course) | now.as_record(),
    )
    return course


def _follow_up(course: Course, earlier: Course, before: Facts, after: Facts, by: Actor, at: datetime) -> None:
    """The rules of a registered course that was changed, and what follows for its people and its unit."""
    if course.questionnaire == Questionnaire.REQUIRED != earlier.questionnaire:
        raise RequiredTooLate
    refuse_fixed_dates(earlier, before, after, at)
    refuse_the_past(course, before, after, at)
    postponements.refuse_suspended(course, new_times(before, after))
    postponements.settle_changed(course, at)
    _refuse_incomplete(course)
    note_move(course, before, after, at)
    prefetch_related_objects([course], "sessions")
    if earlier.admission == Admission.REVIEW != course.admission:
        seats.queue_applicants(course, by)
    seats.fill(course, at, is_freed=course.capacity > earlier.capacity)
    lights.follow(unit_ids=[course.unit_id], years=[earlier.year, course.year], cause="edit")
    notify_changes(course, changes(before, after), by, at)
    announce_changed([course])


@transaction.atomic
def register(*, course: Course, by: Actor, at: datetime | None = None, is_another: bool = False) -> Course:
    """課程登錄: the draft becomes a registered course, open to teachers.

    Recount the unit's overdue courses instead of trusting the stored light. The draft of a handler who has left goes to the
    person who registers it. `is_another`: the person confirmed that this is not the unit's existing course of the same name and
    day. Raise UnitClosed, RegistrationSuspended, CourseIncomplete, LooksLikeAnother, NotTheHandler, WrongState.
    """
    course, by = lock_managed(course, by)
    unit_rules.require_open(course.unit)
    require_open_gate(course.unit_id, at)
    if course.state == CourseState.DRAFT and not course.handler.is_active():
        _take_over(course, by)
    _refuse_incomplete(course)
    course_fields.refuse_bad_hours(course)
    postponements.refuse_suspended(course, course.sessions.all())
    if not is_another:
        _refuse_duplicate(course)
    move(course, CourseState.REGISTERED, registered_at=at or clock.now())
    lights.follow(unit_ids=[course.unit_id], years=[course.year], at=at, cause="register")
    log.record("course.register", course, by=by, unit_id=course.unit_id, after={"state": course.state})
    course_announced.send(Course, courses=[course], what=PublicChange.PUBLISHED)
    return course


def _take_over(course: Course, by: Actor) -> None:
    """Move a draft, with its contact, to the account of the acting person; the caller has checked the right to it."""
    account, old = require_unit_hat(by), course.handler
    contact = contacts.handed_over(course, old.user, account)
    before = {"handler": old.number} | {name: getattr(course, name) for name in contact}
    course.handler = account
    if course.co_handler_id == account.pk:
        course.co_handler = None
    for name, value in contact.items():
        setattr(course, name, value)
    course.save(update_fields=["handler", "co_handler", *contact])
    after = {"handler": account.number} | contact
    log.record("course.transfer", course, by=by, unit_id=course.unit_id, before=before, after=after)


def require_open_gate(unit_id: int, at: datetime | None = None) -> None:
    """Raise RegistrationSuspended while the unit's light is red (letter, point 6)."""
    if not registration_is_open(unit_id, at):
        policy = YearlyPolicy.objects.in_force(clock.this_year(at))
        raise RegistrationSuspended(overdue=overdue_now(unit_id, at), limit=policy.unit_red_at)


@transaction.atomic
def copy(*, course: Course, by: Actor, form_key: UUID | None = None) -> Course:
    """Copy an earlier course of the unit as a draft with audience, quotas and questions, all but its dates. Raise NotYourUnit, NeedsBusinessAccount.

    The copy of a colleague's course leaves out the contact, the meeting link and the approval number. Hours are copied
    unchanged; registering the draft checks them against the step of hours of that day. Entries that are offered no more are left out,
    and identity numbers in its texts are masked (`texts_with_numbers`).
    """
    account = require_unit_hat(lock_actor(by))
    course = lock_course(course)
    if course.unit_id != account.unit_id:
        raise NotYourUnit
    # The course is locked: of one page that was sent twice, the later sees the draft of the earlier.
    if form_key and (known := draft_of_form(account.unit_id, form_key)):
        return known
    fields = {name: copied_value(getattr(course, name)) for name in WRITABLE} | {
        "enrol_from": None,
        "enrol_until": None,
    }
    fields |= contacts.copied(course, account)
    if course.nature and not course.nature.is_valid():
        fields["nature"] = None
    data = CourseData(
        fields=fields,
        instructors=copied_value(list(course.instructors.values_list("name", "organisation"))),
        stages=course.stages.valid(),
        groups=course.groups.valid(),
        tags=course.tags.valid(),
    )
    made = _new_draft(by, data, announced=course.hours, form_key=form_key)
    copy_audience(course, made)
    copy_questions(course, made)
    course_copied.send(Course, course=course, to=made)
    return made


@transaction.atomic
def discard_draft(*, course: Course, by: Actor) -> None:
    """Throw a draft away. Raise NotTheHandler, WrongState (it has been registered), TransferPending."""
    course, by = lock_managed(course, by)
    if course.state != CourseState.DRAFT:
        raise WrongState(state=course.get_state_display())
    if course.transfers.filter(state=TransferState.PENDING).exists():
        raise TransferPending(code=course.code)
    course_files.discard(course, by)
    course.transfers.all().delete()  # the record keeps what became of them
    log.record("course.discard", course, by=by, unit_id=course.unit_id, before={"title": course.title})
    course.delete()


def _refuse_incomplete(course: Course) -> None:
    if missing := missing_facts(course):
        raise CourseIncomplete(missing=listed(str(fact.label) for fact in missing))


def _refuse_duplicate(course: Course) -> None:
    if same := duplicates(Plan.of(course)):
        raise LooksLikeAnother(title=same[0].title, code=same[0].code)
