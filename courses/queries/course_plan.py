"""What somebody plans, as far as it is known: the checks read this, whether it stands in the database or is still being typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

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
        """A saved course; its sessions stand in the form's rows in the same order."""
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


@dataclass(frozen=True)
class Hint:
    """Something a person may have overlooked: where it stands on the form, the sentence, the course it speaks of.

    Hints never block; one that `asks` wants an answer before the course is registered.
    """

    at: str
    text: str
    course: Course | None = None
    asks: bool = False
