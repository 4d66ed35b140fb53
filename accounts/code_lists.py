"""The lists that the operator keeps. Each app registers its own: the pages, the import and the export are the same for all."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Affiliation, Level, Listed, Title, Unit
from accounts.queries.titles import title_order
from kit.registry import Registry


@dataclass(frozen=True)
class CodeList:
    """`uses` counts what refers to an entry; one that is used is never deleted. `changed` is called after a change, in its transaction.

    `is_tree`: an entry may be below another one (`parent`). `is_fixed`: none is added, renamed or deleted. `is_known_by_name`: what refers to
    an entry holds its name, which no other one has.
    """

    label: Promise
    model: type[Any]
    uses: Callable[[Any], int]
    changed: Callable[[Any], None] = lambda _entry: None
    is_tree: bool = False
    is_fixed: bool = False
    is_known_by_name: bool = False


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


def _rank_places(_title: Title) -> None:
    """Give the places of service the ranks of the changed list: one statement for each rank that differs."""
    order, differing = title_order(), defaultdict(set)
    for title, rank in Affiliation.objects.order_by().values_list("title", "rank").distinct():
        if (new := order.rank_of(title)) != rank:
            differing[new].add(title)
    for rank, titles in differing.items():
        Affiliation.objects.filter(title__in=titles).exclude(rank=rank).update(rank=rank)


def _units_of(level: Level) -> int:
    return Unit.objects.filter(level=level.code).count()


LISTS = {
    "titles": CodeList(_("Titles"), Title, _served_as, _rank_places, is_known_by_name=True),
    "levels": CodeList(_("Levels of schools"), Level, _units_of, is_fixed=True),
}
