"""A registry takes the rows of each app once."""

import pytest

from kit.registry import AlreadyRegistered, Registry


def test_the_rows_of_all_apps_are_found_by_name() -> None:
    registry: Registry[tuple[int]] = Registry("row")
    registry.register({"a": (1,)})
    registry.register({"b": (2,)})
    assert dict(registry) == {"a": (1,), "b": (2,)}


def test_a_name_is_registered_once() -> None:
    registry: Registry[list[int]] = Registry("row")
    rows = {"a": [1]}
    registry.register(rows)
    registry.register(rows)
    with pytest.raises(AlreadyRegistered, match="row 'a' is registered twice"):
        registry.register({"a": [1]})
    assert registry["a"] is rows["a"]
