"""The columns of a roster about a place of service, beside those of every file of people."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.actions.places import PlaceFacts
from accounts.errors import AlreadyServes, PlaceEndsBeforeStart, ServesNoLonger, SubstituteNeedsLastDay
from accounts.imports.people_lines import Person, is_marked
from accounts.imports.report import RowRefused
from accounts.imports.wrong_cells import WrongCells
from accounts.models import Affiliation
from kit import clock
from kit.form_fields import DayField
from kit.numbers import whole_number
from kit.tables import Line

POST, SINCE, UNTIL, SUBSTITUTE, CONCURRENT, ORDER = "職務", "到職日", "離職日", "代理", "兼任", "順序"
COLUMNS = (POST, SINCE, UNTIL, SUBSTITUTE, CONCURRENT, ORDER)
HEADINGS = {
    "title": "職稱",
    "post": POST,
    "order": ORDER,
    "is_substitute": SUBSTITUTE,
    "is_concurrent": CONCURRENT,
    "since": SINCE,
    "until": UNTIL,
}
LARGEST_ORDER = 9999
_DAYS = DayField(required=False)


def written_of(line: Line) -> dict[str, Any]:
    """Return what the row gives of the place, by the names of `PlaceFacts`: without columns that the file lacks and days that are empty.

    Raise RowRefused with every wrong cell.
    """
    wrong = WrongCells(line.cells)
    take = wrong.take
    written = {
        name: take(read, line, HEADINGS[name]) for name, read in _CELLS if HEADINGS[name] in line.cells
    }
    days = {name: take(_day, line, HEADINGS[name]) for name in ("since", "until")}
    take(_refuse_backwards, line, days["since"], days["until"])
    wrong.refuse()
    return written | {name: day for name, day in days.items() if day}


def facts_of(line: Line, person: Person, written: Mapping[str, Any], known: PlaceFacts) -> PlaceFacts:
    """Return `known` with the title of the person and what the row gives of the place. Raise RowRefused."""
    facts = replace(known, title=person.title, **written)
    _refuse_backwards(line, facts.since, facts.until)
    if facts.is_substitute and facts.until is None:
        raise RowRefused(UNTIL, SubstituteNeedsLastDay().message, line[UNTIL])
    return facts


def _refuse_backwards(line: Line, since: date | None, until: date | None) -> None:
    if since and until and until < since:
        sentence = PlaceEndsBeforeStart(start=since).message
        raise RowRefused(UNTIL, sentence, line[UNTIL] or line[SINCE])


def refuse_overlap(facts: PlaceFacts, person: Person, others: Iterable[Affiliation]) -> None:
    """Raise RowRefused when another place of the person at the unit shares a day."""
    for other in others:
        if other.shares_days(facts.since, facts.until):
            refusal = AlreadyServes(person.name, person.unit.name, other.since, other.until)
            raise RowRefused(SINCE, refusal.message)


def refuse_gone(facts: PlaceFacts, person: Person) -> None:
    """Raise RowRefused when a person whose service has ended would get an account."""
    if facts.until and facts.until < clock.today():
        refusal = ServesNoLonger(name=person.name, day=facts.until)
        raise RowRefused("角色", refusal.message)


def _post(line: Line, column: str) -> str:
    if len(line[column]) > 40:
        raise RowRefused(column, _("longer than %s characters") % 40, line[column][:60])
    return line[column]


def _order(line: Line, column: str) -> int | None:
    if not line[column]:
        return None
    number = whole_number(line[column], None, LARGEST_ORDER)
    if number is None:
        raise RowRefused(column, _("“%s” is no whole number up to 9999") % line[column][:20], line[column])
    return number


def _day(line: Line, column: str) -> date | None:
    if not line[column]:
        return None
    try:
        found: date | None = _DAYS.clean(line[column])
        return found
    except ValidationError:
        sentence = _("“%s” is no day; write 115/8/1 or 2026-08-01") % line[column][:20]
        raise RowRefused(column, sentence, line[column]) from None


_CELLS: tuple[tuple[str, Callable[[Line, str], Any]], ...] = (
    ("post", _post),
    ("order", _order),
    ("is_substitute", is_marked),
    ("is_concurrent", is_marked),
)
