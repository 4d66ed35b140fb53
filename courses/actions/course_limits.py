"""What a course's columns and sessions may hold, whichever way they come in. The page checks the same earlier, field by field."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, cast

from django.core.exceptions import ValidationError
from django.db import models

from courses.errors import OutOfBounds, SessionBackwards, WindowBackwards
from courses.models import Course
from kit.typed_texts import require_no_number


class Times(Protocol):
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


def refuse_out_of_bounds(course: Course, names: Iterable[str], sessions: Iterable[Times]) -> None:
    """Check the columns that were written and the sessions. Raise OutOfBounds, WindowBackwards, SessionBackwards."""
    for name in sorted(names):
        _refuse_value(course, name)
    if course.enrol_from and course.enrol_until and course.enrol_until < course.enrol_from:
        raise WindowBackwards
    if any(session.ends_at <= session.starts_at for session in sessions):
        raise SessionBackwards


def _refuse_value(course: Course, name: str) -> None:
    field = cast("models.Field[object, object]", Course._meta.get_field(name))
    value = getattr(course, name)
    if field.is_relation or value in (None, ""):
        return
    if isinstance(field, models.CharField | models.TextField) and not field.choices:
        require_no_number(value, field=name)
    try:
        if field.choices:
            field.validate(value, course)
        field.run_validators(field.to_python(value))
    except ValidationError as error:
        raise OutOfBounds(field=name, name=field.verbose_name, why=" ".join(error.messages)) from None
