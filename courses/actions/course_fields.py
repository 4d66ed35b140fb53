"""What is written of a course: its own columns and the rows that belong to it, whichever way they come in."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.acting import Actor
from courses.actions.course_limits import refuse_out_of_bounds
from courses.actions.search_index import search_text
from courses.change_signals import sessions_removed
from courses.errors import CapacityBelowSeats, EntryEnded, SessionsAttended
from courses.errors.audience import CapacityBelowKept
from courses.models import AudienceGroup, Course, Instructor, Session, Stage, Tag
from courses.queries.hour_steps import hour_step
from courses.queries.references import not_offered
from courses.queries.session_evidence import Evidence, evidence_of
from kit import clock
from kit.errors import Refusal
from kit.sentence_parts import listed
from kit.typed_texts import require_no_number

# Columns a handler writes; everything else follows from rules.
WRITABLE = frozenset(
    [
        "title",
        "approval_number",
        "basis_number",
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
        "hours_by",
        "fee",
        "payer",
        "leave_kind",
        "travel",
        "bring",
        "questionnaire",
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


def write(course: Course, data: CourseData, *, by: Actor, announced: Decimal | None = None) -> None:
    """Write the fields to the course, and save it. Hours that are already `announced` stay, whatever the current step of hours."""
    _refuse_ended_entries(course, data)
    for name in WRITABLE & data.fields.keys():
        setattr(course, name, data.fields[name])
    refuse_out_of_bounds(course, WRITABLE & data.fields.keys(), data.sessions)
    for session in data.sessions:
        require_no_number(session.place, field="place")
        require_no_number(session.topic, field="topic")
    for name, organisation in data.instructors:
        require_no_number(name, organisation)
    if course.capacity < course.seats_taken:
        raise CapacityBelowSeats(taken=course.seats_taken)
    if course.capacity < course.seats_taken + course.seats_kept:
        raise CapacityBelowKept(needed=course.seats_taken + course.seats_kept)
    _set_days(course, data.sessions)
    if course.hours != announced:
        refuse_bad_hours(course)
    instructors = [Instructor(name=n, organisation=o, order=i) for i, (n, o) in enumerate(data.instructors)]
    course.search_text = search_text(course, [i.name for i in instructors], [s.place for s in data.sessions])
    course.version = course.version + 1 if course.pk else 1
    course.save()
    _replace_rows(course, data.sessions, instructors, by)
    course.stages.set(data.stages)
    course.groups.set(data.groups)
    course.tags.set(data.tags)


def _refuse_ended_entries(course: Course, data: CourseData) -> None:
    """Refuse a new choice of an entry that is not offered today; what the course has already, it keeps."""
    nature = data.fields.get("nature")
    chosen: Mapping[str, Iterable[Any]] = {
        "nature": [nature] if nature else [],
        "stages": data.stages,
        "groups": data.groups,
        "tags": data.tags,
    }
    for name, rows in chosen.items():
        if ended := not_offered(course, rows, name):
            raise EntryEnded(field=name, names=listed(ended))


def refuse_bad_hours(course: Course) -> None:
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


def _replace_rows(
    course: Course, sessions: Sequence[SessionData], instructors: list[Instructor], by: Actor
) -> None:
    _match_sessions(course, sorted(sessions, key=lambda s: s.starts_at), by)
    course.instructors.all().delete()
    for row in instructors:
        row.course = course
    Instructor.objects.bulk_create(instructors)


def _match_sessions(course: Course, wanted: Sequence[SessionData], by: Actor) -> None:
    """Give a course these sessions. One that begins at the same moment keeps its row, which its attendance refers to; then rows
    without attendance are removed. Raise SessionsAttended.

    A row whose signs were all taken back moves with them, or is removed with them where no new session is left for it.
    """
    rows = list(course.sessions.order_by("-starts_at", "-pk"))
    known = {row.starts_at: row for row in rows}
    kept: list[Session] = []
    new: list[SessionData] = []
    for data in wanted:
        row = known.pop(data.starts_at, None)
        if row:
            kept.append(_filled(row, data))
        else:
            new.append(data)
    others = [row for row in reversed(rows) if row not in kept]
    evidence = evidence_of(course) if others else Evidence()
    moved = [row for row in others if row.pk in evidence.void][: len(new)]
    _remove(course, [row.pk for row in others if row not in moved], evidence, by)
    kept += [_filled(row, data) for row, data in zip(moved, new, strict=False)]
    Session.objects.bulk_update(kept, ["starts_at", "ends_at", "place", "topic"])
    Session.objects.bulk_create(_filled(Session(course=course), data) for data in new[len(moved) :])


def _remove(course: Course, sessions: Collection[int], evidence: Evidence, by: Actor) -> None:
    """Remove sessions from a course with what was taken back in them. Raise SessionsAttended."""
    if not evidence.counted.isdisjoint(sessions):
        raise SessionsAttended
    if void := evidence.void.intersection(sessions):
        sessions_removed.send(Course, course=course, sessions=void, by=by)
    course.sessions.filter(pk__in=sessions).delete()


def _filled(row: Session, data: SessionData) -> Session:
    row.starts_at, row.ends_at, row.place, row.topic = data.starts_at, data.ends_at, data.place, data.topic
    return row


def columns(course: Course) -> dict[str, Any]:
    names = sorted(WRITABLE | {"starts_on", "ends_on", "ends_at"})
    return {name: getattr(course, f"{name}_id" if name == "nature" else name) for name in names}
