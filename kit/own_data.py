"""What is held on a person: each app registers its tables in `<app>/own_data.py`, and the copy of one's own data reads them all.

A section names the fields it hands out. Other people's names, those of officials who decided, and secrets are left out by not
being named.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise

from kit import clock
from kit.registry import Registry

# Column of the file for programs → heading for people.
Columns = Mapping[str, str | Promise]
Values = Sequence[object]


@dataclass(frozen=True)
class Section:
    """One table of the copy. `rows(people)` yields the values of the columns for the records of one person.

    `covers` are the labels of the models whose rows it hands out.
    """

    title: str | Promise
    columns: Columns
    rows: Callable[[Sequence[int]], Iterable[Values]]
    covers: tuple[str, ...]


OWN_DATA: Registry[Section] = Registry("section of a person's own data")


def table(
    model: type[models.Model],
    person: str | Callable[[Sequence[int]], Q],
    *fields: str,
    title: str | Promise = "",
) -> Section:
    """Return the section of a model: rows whose field `person` is the person, with these fields (`course__title` too).

    `person` is a field, a path to one (`account__user`), or where a text names the person a function of the people's records.
    """
    found = {name: _field(model, name) for name in fields}

    def rows(people: Sequence[int]) -> Iterator[Values]:
        whose = Q(**{f"{person}__in": people}) if isinstance(person, str) else person(people)
        found_rows = model._default_manager.filter(whose).order_by("pk")
        for values in found_rows.values_list(*fields).iterator(chunk_size=1000):
            yield [_plain(value, field) for value, field in zip(values, found.values(), strict=True)]

    label = title or model._meta.verbose_name_plural or model._meta.label
    columns = {name: field.verbose_name for name, field in found.items()}
    return Section(label, columns, rows, (model._meta.label,))


def _field(model: type[models.Model], path: str) -> "models.Field[Any, Any]":
    """Return the field at the end of a path over foreign keys."""
    first, _, rest = path.partition("__")
    field = model._meta.get_field(first)
    if rest:
        following = field.related_model
        assert isinstance(following, type)
        return _field(following, rest)
    assert isinstance(field, models.Field)
    return field


def moment_words(value: datetime) -> str:
    """Return a moment as the copy writes it: day and wall clock in Taipei, in any language."""
    return f"{value.astimezone(clock.TAIPEI):%Y-%m-%d %H:%M}"


def _plain(value: object, field: "models.Field[Any, Any]") -> object:
    """The value as people read it: a choice by its label, a moment in Taipei, a yes as a yes."""
    if isinstance(value, datetime):
        return moment_words(value)
    if field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    return "" if value is None else value
