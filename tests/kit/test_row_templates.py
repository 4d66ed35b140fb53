"""Rows that share a template's branches are printed as by rendering the template for each."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.template import Context, Engine, Template
from django.utils.safestring import mark_safe
from django.utils.translation import override

from kit import row_templates
from kit.row_templates import RowTemplate

NASTY = ["", "x", "<b>&\"'", "place-7f3a91c2e5d84b06-name-", "{{ text.name }}", "\\1", "研習😀"]


@dataclass(frozen=True)
class Shape:
    is_new: bool


class Compiled:
    """As `get_template` returns one; it counts how often it is rendered."""

    def __init__(self, source: str) -> None:
        self.template, self.times = Template(source, engine=Engine.get_default()), 0

    def render(self, context: dict[str, Any]) -> str:
        self.times += 1
        return self.template.render(Context(context))


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> Compiled:
    found = Compiled(
        "{% if row.is_new %}{% translate 'Name' %} {{ text.name }}{% endif %}"
        '<a href="{{ text.url }}" title="{{ text.name }}">{{ more }}</a>'
    )
    monkeypatch.setattr(row_templates, "get_template", lambda name: found)
    return found


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("is_new", [True, False])
def test_a_row_is_printed_as_it_is_rendered(compiled: Compiled, name: str, is_new: bool) -> None:
    rows, texts = RowTemplate("row.html", ("name", "url"), {"more": "<"}), {"name": name, "url": "/a&b"}

    for _again in range(2):
        assert rows.print(Shape(is_new), texts) == rows.render(Shape(is_new), texts)


def test_html_stays_html(compiled: Compiled) -> None:
    rows = RowTemplate("row.html", ("name", "url"))

    assert 'title="<b>"' in rows.print(Shape(False), {"name": mark_safe("<b>"), "url": ""})


def test_a_shape_is_rendered_once_for_each_language(compiled: Compiled) -> None:
    rows = RowTemplate("row.html", ("name", "url"))

    for _again in range(3):
        with override("en"):
            assert "Name" in rows.print(Shape(True), {"name": "a", "url": ""})
        with override("zh-hant"):
            assert "姓名" in rows.print(Shape(True), {"name": "b", "url": ""})

    assert compiled.times == 2


def test_a_shape_of_one_person_is_not_kept(compiled: Compiled) -> None:
    rows = RowTemplate("row.html", ("name", "url"))

    for _again in range(3):
        rows.print(Shape(True), {"name": "a", "url": ""}, is_kept=False)

    assert compiled.times == 3
