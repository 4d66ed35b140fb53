"""A planned course as far as it is known, saved or still being typed, and what the checks find in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from accounts.models import Unit
from courses.enums import CourseState, Mode
from courses.models import Course


@dataclass(frozen=True)
class Span:
    """One session. `at` names its row on the form."""

    at: str
    starts_at: datetime
    ends_at: datetime
    place: str = ""

    def overlaps(self, starts_at: datetime, ends_at: datetime) -> bool:
        return self.starts_at < ends_at and starts_at < self.ends_at


@dataclass(frozen=True)
class Plan:
    """`course_id` is None for a course that has never been saved; `is_draft`: not yet registered."""

    unit: Unit
    handler_id: int
    title: str = ""
    mode: str = Mode.ON_SITE
    place: str = ""
    hours: Decimal | None = None
    spans: Sequence[Span] = ()
    instructors: Sequence[str] = ()
    enrol_from: date | None = None
    enrol_until: date | None = None
    course_id: int | None = None
    is_draft: bool = True

    @classmethod
    def of(cls, course: Course) -> "Plan":
        """Build it from a saved course; its sessions have the same order as the form's rows."""
        rows = enumerate(course.sessions.all())
        return cls(
            unit=course.unit,
            handler_id=course.handler_id,
            title=course.title,
            mode=course.mode,
            place=course.place,
            hours=course.hours,
            spans=[Span(f"sessions-{i}", s.starts_at, s.ends_at, s.place) for i, s in rows],
            instructors=[person.name for person in course.instructors.all()],
            enrol_from=course.enrol_from,
            enrol_until=course.enrol_until,
            course_id=course.pk,
            is_draft=course.state == CourseState.DRAFT,
        )


class HintKind(StrEnum):
    """What a check found. `courses.presenters.hints` has the sentence of each."""

    PLACE_MISSING = "place_missing"
    PLACE_IS_UNIT = "place_is_unit"
    PLACE_SHORT = "place_short"
    DAY_OFF = "day_off"
    IN_THE_PAST = "in_the_past"
    TO_CLOSE_AT_ONCE = "to_close_at_once"
    OVERDUE_AT_ONCE = "overdue_at_once"
    OVERLAP = "overlap"
    LATE_OR_EARLY = "late_or_early"
    HOURS_DIFFER = "hours_differ"
    LONG_DAYS = "long_days"
    LONG_WEEK = "long_week"
    AFTER_FIRST_SESSION = "after_first_session"
    ALREADY_CLOSED = "already_closed"
    SAME_COURSE = "same_course"
    SAME_TIME = "same_time"


class SharedKind(StrEnum):
    HANDLER = "handler"
    INSTRUCTOR = "instructor"
    PLACE = "place"


@dataclass(frozen=True)
class Shared:
    """What two courses at the same time both need; `name` is that of an instructor."""

    kind: SharedKind
    name: str = ""


Fact = str | int | Decimal | date | datetime | tuple[Shared, ...]


@dataclass(frozen=True)
class Hint:
    """A possible oversight: the field of the form, what was found, its facts, the other course if any.

    Hints never block; one with `asks` needs a confirmation before the course is registered.
    """

    at: str
    kind: HintKind
    facts: Mapping[str, Fact] = field(default_factory=dict)
    course: Course | None = None

    @property
    def asks(self) -> bool:
        return self.kind == HintKind.SAME_COURSE
