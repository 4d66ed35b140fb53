"""What an object holds that was read with those it refers to, for comparing two ways of reading it."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model


def facts(row: Model, related: Iterable[str]) -> dict[str, Any]:
    """Return the values that are loaded, also those that were added; under each path of `related` those of the object there, or None."""
    paths = list(related)
    found = {name: value for name, value in vars(row).items() if not name.startswith("_")}
    for name in {path.partition("__")[0] for path in paths}:
        beyond = [path.removeprefix(f"{name}__") for path in paths if path.startswith(f"{name}__")]
        other = row._state.fields_cache.get(name)
        found[name] = facts(other, beyond) if other else None
        relation = row._meta.get_field(name)
        if other and relation.auto_created:
            # The column that refers back is known without being read.
            found[name].pop(relation.field.attname, None)  # type: ignore[union-attr]
    return found


def same(found: Iterable[Model], mirrored: Iterable[Model], related: Iterable[str]) -> int:
    """Assert that two ways read the same objects in the same order; return how many."""
    paths = list(related)
    rows = [facts(row, paths) for row in found]
    assert rows == [facts(row, paths) for row in mirrored]
    return len(rows)
