"""The texts of a course for its copy: an identity number from before numbers were refused is masked, since a closed course keeps it for ever."""

from collections.abc import Iterable
from typing import Any, cast

from django.db.models import Field

from courses.models import Course, Instructor, Question
from kit.typed_texts import without_numbers


def copied_value(value: Any) -> Any:
    """Return a text or a list of texts without identity numbers; anything else as it is."""
    if isinstance(value, list | tuple):
        return type(value)(copied_value(one) for one in value)
    return without_numbers(value) if isinstance(value, str) else value


def texts_with_numbers(course: Course, names: Iterable[str]) -> list[str]:
    """Return the labels of what the copy of a course shows masked: of these columns, of its instructors and its questions."""
    found = [
        str(cast("Field[object, object]", Course._meta.get_field(name)).verbose_name)
        for name in sorted(names)
        if copied_value(value := getattr(course, name)) != value
    ]
    many = (
        (Instructor, course.instructors.values_list("name", "organisation")),
        (Question, course.questions.values_list("text", "choices")),
    )
    return found + [
        str(model._meta.verbose_name_plural)
        for model, rows in many
        if any(copied_value(row) != row for row in rows)
    ]
