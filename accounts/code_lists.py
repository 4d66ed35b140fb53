"""The lists that the operator keeps. Each app registers its own: the pages, the import and the export are the same for all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Affiliation, Listed, Title
from kit.registry import Registry


@dataclass(frozen=True)
class CodeList:
    """`uses` counts what refers to an entry; one that is used is never deleted. `changed` is called after a change, in its transaction.

    `is_tree`: an entry may be below another one (`parent`).
    """

    label: Promise
    model: type[Any]
    uses: Callable[[Any], int]
    changed: Callable[[Any], None] = lambda _entry: None
    is_tree: bool = False


def referring(row: Listed) -> int:
    """Return how many rows of any table refer to an entry."""
    relations: list[Any] = [f for f in row._meta.get_fields() if f.auto_created and not f.concrete]
    numbers: list[int] = [
        relation.related_model._default_manager.filter(**{relation.field.name: row}).count()
        for relation in relations
    ]
    return sum(numbers)


CODE_LISTS: Registry[CodeList] = Registry("list of codes")


def _served_as(title: Title) -> int:
    return Affiliation.objects.filter(title=title.name).count()


LISTS = {"titles": CodeList(_("Titles"), Title, _served_as)}
