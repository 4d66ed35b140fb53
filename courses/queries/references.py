"""Reference lists that rarely change and that every page of the catalogue needs: cached for ten minutes."""

from django.core.cache import cache
from django.db.models import Value

from courses.models import AudienceGroup, Course, CourseNature, Stage, Tag

SECONDS = 600


def stage_names() -> dict[str, str]:
    """Code → name of every stage, in their order."""
    found = cache.get_or_set(
        "courses:stages", lambda: dict(Stage.objects.values_list("code", "name")), SECONDS
    )
    return found or {}


def root_natures() -> list[CourseNature]:
    """The first step of the tree of natures."""
    roots = CourseNature.objects.filter(parent=None)
    return cache.get_or_set("courses:natures", lambda: list(roots), SECONDS) or []


class Labels(dict[str, list[Stage | AudienceGroup | Tag]]):
    """The stages, groups and tags of one course."""


def labels_of(course: Course) -> Labels:
    """Stages, groups and tags of a course, each in its own order: one query for the three lists."""
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
