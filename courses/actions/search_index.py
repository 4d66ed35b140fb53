"""The folded text in which the catalogue searches: `Course.search_text`."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F, TextField, Value
from django.db.models.functions import Concat

from accounts.models import Unit
from courses.locks import lock_course_rows
from courses.models import Course
from kit.texts import fold


def search_text(course: Course, instructors: Iterable[str], places: Iterable[str] = ()) -> str:
    """Return the folded text of a course: code, title, unit, summary, place and `places` of its sessions, instructors."""
    where = dict.fromkeys([course.place, *filter(None, places)])
    return fold(
        "\n".join([course.code, course.title, course.unit.name, course.summary, *where, *instructors])
    )


def add_unit_names(sender: Any, units: Iterable[Unit], **kwargs: Any) -> None:
    """Courses of renamed units are found under the new name too; the old name stays, as people remember it."""
    renamed = list(units)
    lock_course_rows(Course.objects.filter(unit__in=renamed).values_list("pk", flat=True))
    for unit in renamed:
        name = fold(unit.name)
        rows = Course.objects.of_unit(unit.pk).exclude(search_text__contains=name)
        rows.update(search_text=Concat(F("search_text"), Value(f" {name}"), output_field=TextField()))
