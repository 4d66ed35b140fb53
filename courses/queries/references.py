"""Reference lists that rarely change and that every page of the catalogue needs: cached for ten minutes."""

from collections.abc import Iterable
from typing import Any

from django.core.cache import cache
from django.db.models import Q, QuerySet, Value

from accounts.models import Listed
from courses.cached_tables import PARTS
from courses.models import AudienceGroup, Course, CourseNature, Stage, Tag
from kit import clock, table_versions
from kit.code_version import keyed

SECONDS = 600


KEYS = {name: f"courses:{name}" for name in ("stages", "natures", "tags")}


def stage_names() -> dict[str, str]:
    """Code → name of every stage that is offered today, in their order."""
    found = cache.get_or_set(_key("stages"), lambda: dict(_codes(Stage)), SECONDS)
    return found or {}


def tag_codes() -> frozenset[str]:
    """The codes of the tags that are offered today."""
    return cache.get_or_set(_key("tags"), lambda: frozenset(dict(_codes(Tag))), SECONDS) or frozenset()


def _codes(model: type[Stage] | type[Tag]) -> "QuerySet[Any, tuple[str, str]]":
    return model.objects.valid().values_list("code", "name")


def root_natures() -> list[CourseNature]:
    """The first step of the tree of natures that is offered today."""
    roots = CourseNature.objects.valid().filter(parent=None)
    return cache.get_or_set(_key("natures"), lambda: list(roots), SECONDS) or []


def offered_or_chosen(rows: "QuerySet[Any]", course: Course, name: str) -> "QuerySet[Any]":
    """Return what a course may choose from a list today: what is offered, and what it has already."""
    offered = Q(pk__in=rows.model.objects.valid().values("pk"))
    if course.pk is None:
        return rows.filter(offered)
    has = Q(pk=course.nature_id) if name == "nature" else Q(pk__in=getattr(course, name).values("pk"))
    return rows.filter(offered | has)


def not_offered(course: Course, chosen: "Iterable[Listed]", name: str) -> list[str]:
    """Return the names among the chosen that are neither offered today nor the course's already."""
    ended = [row for row in chosen if not row.is_valid()]
    if not ended:
        return []
    rows = offered_or_chosen(type(ended[0])._default_manager.all(), course, name)
    kept = set(rows.filter(pk__in=[row.pk for row in ended]).values_list("pk", flat=True))
    return [row.name for row in ended if row.pk not in kept]


def _key(name: str) -> str:
    return keyed(f"{KEYS[name]}:{clock.today()}")


def forget() -> None:
    """Read the lists from the database again, after one has changed."""
    cache.delete_many([_key(name) for name in KEYS])


class Labels(dict[str, list[Stage | AudienceGroup | Tag]]):
    """The stages, groups and tags of one course."""


def labels_of(course: Course) -> Labels:
    """Stages, groups and tags of a course, each in its own order: one query for the three lists, or none."""
    return table_versions.cached(PARTS, f"labels:{course.pk}", lambda: _labels_of(course))


def _labels_of(course: Course) -> Labels:
    kinds: dict[str, type[Stage] | type[AudienceGroup] | type[Tag]] = {
        "stages": Stage, "groups": AudienceGroup, "tags": Tag
    }  # fmt: skip
    parts = [
        getattr(course, kind).order_by().values_list(Value(kind), "order", "pk", "code", "name")
        for kind in kinds
    ]
    found = Labels({kind: [] for kind in kinds})
    for kind, order, pk, code, name in sorted(parts[0].union(*parts[1:], all=True)):
        found[kind].append(kinds[kind](pk=pk, code=code, name=name, order=order))
    return found
