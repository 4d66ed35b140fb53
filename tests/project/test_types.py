"""Rules about types: few ignored errors, each with its reason; views and presenters set no attributes on the rows of a page."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.project.test_house_rules import MAY_IMPORT, ROOT, modules

MOST_IGNORES = 10
IGNORE = re.compile(r"#\s*type:\s*ignore(?P<kinds>\[[a-z, -]+\])?\s*(?P<reason>#\s*\S.*)?")
# Names that hold no row: the request, and the object or the class itself.
NO_ROWS = {"self", "cls", "request"}


def ignores(source: str) -> list[re.Match[str]]:
    return list(IGNORE.finditer(source))


def is_explained(ignore: re.Match[str]) -> bool:
    """Return whether the comment names the kind of the error in brackets, and the reason after it."""
    return bool(ignore["kinds"] and ignore["reason"])


def assignments_to_others(source: str) -> Iterator[str]:
    """Yield what sets an attribute of another object, by assignment or by name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr":
            yield ast.unparse(node)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            if owner not in NO_ROWS:
                yield ast.unparse(node)


def test_at_most_ten_type_errors_are_ignored_each_with_a_reason() -> None:
    found = [
        (f"{path.relative_to(ROOT)}: {ignore[0]}", is_explained(ignore))
        for package in MAY_IMPORT
        for path in modules(package)
        for ignore in ignores(path.read_text())
    ]
    assert len(found) <= MOST_IGNORES, found
    assert not [where for where, explained in found if not explained]


@pytest.mark.parametrize(
    ("line", "explained"),
    [
        ("x = 1  # type: ignore[misc]  # the library has no types", True),
        ("x = 1  # type: ignore[misc, arg-type] # the library has no types", True),
        ("x = 1  # type: ignore[misc]", False),
        ("x = 1  # type: ignore", False),
        ("x = 1  # type: ignore  # whatever it is", False),
    ],
)
def test_twin_an_ignored_error_without_kind_or_reason_is_found(line: str, explained: bool) -> None:
    assert [is_explained(ignore) for ignore in ignores(line)] == [explained]


def test_views_and_presenters_set_no_attribute_of_another_object() -> None:
    read, wrong = 0, []
    for path in (path for package in MAY_IMPORT for path in modules(package)):
        if {"views", "presenters"} & {*path.parts, path.stem}:
            read += 1
            wrong += [
                f"{path.relative_to(ROOT)}: {found}" for found in assignments_to_others(path.read_text())
            ]
    assert read > 60 and not wrong


@pytest.mark.parametrize(
    "line",
    [
        "row.light = lights[row.user_id]",
        "course.places_now, course.title = places, title",
        "row.handler_left: bool = left",
        "row.seen += 1",
        "page.object_list = rows",
        "for row.place in places: pass",
        "rows[0].known_by = name",
        "setattr(row, 'light', light)",
    ],
)
def test_twin_an_attribute_set_on_a_row_is_found(line: str) -> None:
    assert list(assignments_to_others(line))


@pytest.mark.parametrize("line", ["row = person", "self.rows = rows", "request.accepted_renderer = json"])
def test_attributes_of_self_and_of_the_request_may_be_set(line: str) -> None:
    assert not list(assignments_to_others(line))
