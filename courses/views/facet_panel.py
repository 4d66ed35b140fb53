"""The catalogue's facets and chips as links: every choice is an address, so that all of it works without JavaScript."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from courses.enums import Length, Mode, TimeOfDay, When
from courses.forms.catalogue_filter import SHOWN, CourseFilter
from courses.models import CourseNature
from courses.queries import references
from courses.queries.facets import PATH, YES, Counts
from kit.templatetags.ui import rocday

TICKS = ("open", "places", "free")
CHOICES: dict[str, Any] = {"when": When, "mode": Mode, "time": TimeOfDay, "length": Length}


class Address(dict[str, str]):
    """What the page shows, as the query of its address; the number of the page is never part of it."""

    @classmethod
    def of(cls, found: CourseFilter, data: Mapping[str, Any]) -> "Address":
        shown = {name: data[name] for name, values in SHOWN.items() if data.get(name) in values[1:]}
        return cls(found.selected() | shown)

    def having(self, **changes: str | None) -> str:
        """The address with some parts set, or taken away by None."""
        kept = {name: value for name, value in (self | changes).items() if value}
        return f"?{urlencode(kept)}"


@dataclass(frozen=True)
class Choice:
    ident: str
    label: str
    count: int
    url: str
    is_chosen: bool = False


@dataclass(frozen=True)
class Group:
    name: str
    label: str
    choices: list[Choice]

    @property
    def is_chosen(self) -> bool:
        return any(choice.is_chosen for choice in self.choices)


@dataclass(frozen=True)
class Chip:
    name: str
    label: str
    url: str


def groups(found: CourseFilter, counts: Counts, address: Address) -> list[Group]:
    """Return the facets in the order of the page; a choice without courses is left out unless it is chosen."""
    labels = {name: str(found.filters[name].label) for name in found.filters}
    listed = {
        **{name: [(v, str(label)) for v, label in kind.choices] for name, kind in CHOICES.items()},
        "county": sorted(counts.names["county"].items(), key=lambda item: item[1]),
        "tag": _tags(counts),
        "stage": _stages(found, counts),
    }
    order = ("when", "county", "stage", "nature", "tag", "mode", "time", "length")
    made = [Group("ticks", _("Enrolment and fee"), _ticks(found, counts, address, labels))]
    for name in order:
        choices = (
            _natures(found, counts, address)
            if name == "nature"
            else _choices(name, listed[name], found.chosen(name), counts.by_facet.get(name, {}), address)
        )
        if choices:
            made.append(Group(name, labels[name], choices))
    return made


def _stages(found: CourseFilter, counts: Counts) -> list[tuple[str, str]]:
    """The single stages that have courses; a combined code (國中小) is an audience, not what a person looks for."""
    wanted = [code for code, n in counts.by_facet["stage"].items() if n]
    names = references.stage_names()
    return [(code, names[code]) for code in wanted if code in names]


def _tags(counts: Counts) -> list[tuple[str, str]]:
    """The tags that are offered today; old courses keep others."""
    offered = references.tag_codes()
    named = [(code, name) for code, name in counts.names["tag"].items() if code in offered]
    return sorted(named, key=lambda item: item[1])


def _choices(
    name: str, listed: list[tuple[str, str]], chosen: str, numbers: Mapping[str, int], address: Address
) -> list[Choice]:
    return [
        Choice(
            f"facet-{name}-{value}",
            label,
            numbers.get(value, 0),
            address.having(**{name: None if value == chosen else value}),
            value == chosen,
        )
        for value, label in listed
        if numbers.get(value) or value == chosen
    ]


def _ticks(found: CourseFilter, counts: Counts, address: Address, labels: Mapping[str, str]) -> list[Choice]:
    return [
        Choice(
            f"facet-{name}",
            labels[name],
            counts.by_facet[name][YES],
            address.having(**{name: None if found.chosen(name) else YES}),
            bool(found.chosen(name)),
        )
        for name in TICKS
    ]


def _natures(found: CourseFilter, counts: Counts, address: Address) -> list[Choice]:
    """One step of the tree: the roots, or what is chosen with its own branches; a branch counts all below it."""
    chosen = found.form.cleaned_data.get("nature")
    numbers, names = counts.by_facet.get("nature", {}), counts.names["nature"]
    paths = {names[code] or code: n for code, n in numbers.items()}
    shown = CourseNature.objects.valid().filter(parent=chosen) if chosen else references.root_natures()
    nodes = [chosen, *shown] if chosen else list(shown)
    listed = [(node.code, node.name) for node in nodes]
    sums = {node.code: _below(node.path or node.name, paths) for node in nodes}
    return _choices("nature", listed, chosen.code if chosen else "", sums, address)


def _below(path: str, numbers: Mapping[str, int]) -> int:
    return sum(n for other, n in numbers.items() if other == path or other.startswith(path + PATH))


def chips(found: CourseFilter, address: Address) -> list[Chip]:
    """Return the chosen conditions, each with the URL without it."""
    return [Chip(name, words, address.having(**{name: None})) for name, words in _asked(found)]


def _asked(found: CourseFilter) -> Iterator[tuple[str, str]]:
    for name in found.selected():
        label, value = str(found.filters[name].label), found.form.cleaned_data[name]
        if value is True:
            yield name, label
        elif name == "q":
            yield name, _("“%(words)s”") % {"words": value}
        else:
            yield name, _("%(label)s: %(value)s") % {"label": label, "value": _said(name, value)}


def _said(name: str, value: Any) -> str:
    if name in CHOICES:
        return str(CHOICES[name](value).label)
    return rocday(value) if isinstance(value, date) else str(value)
