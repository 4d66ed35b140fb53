"""The columns of a roster about a place of service, beside those of every file of people."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.actions.places import PlaceFacts
from accounts.errors import AlreadyServes, PlaceEndsBeforeStart, ServesNoLonger, SubstituteNeedsLastDay
from accounts.imports.people_lines import NO, YES, Person
from accounts.imports.report import RowRefused
from accounts.models import Affiliation
from kit import clock
from kit.form_fields import DayField
from kit.numbers import whole_number
from kit.sentence_parts import day_words
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


def facts_of(line: Line, person: Person, known: PlaceFacts) -> PlaceFacts:
    """Return `known` with what the row says. A column that the file lacks, and a day that is empty, leave what is known.

    Raise RowRefused.
    """
    facts = replace(
        known,
        title=person.title,
        post=_post(line) if POST in line.cells else known.post,
        order=_order(line) if ORDER in line.cells else known.order,
        is_substitute=_mark(line, SUBSTITUTE) if SUBSTITUTE in line.cells else known.is_substitute,
        is_concurrent=_mark(line, CONCURRENT) if CONCURRENT in line.cells else known.is_concurrent,
        since=_day(line, SINCE) or known.since,
        until=_day(line, UNTIL) or known.until,
    )
    if facts.since and facts.until and facts.until < facts.since:
        sentence = PlaceEndsBeforeStart(start=day_words(facts.since)).message
        raise RowRefused(UNTIL, sentence, line[UNTIL] or line[SINCE])
    if facts.is_substitute and facts.until is None:
        raise RowRefused(UNTIL, SubstituteNeedsLastDay().message, line[UNTIL])
    return facts


def refuse_overlap(facts: PlaceFacts, person: Person, others: Iterable[Affiliation]) -> None:
    """Raise RowRefused when another place of the person at the unit shares a day."""
    for other in others:
        if other.shares_days(facts.since, facts.until):
            refusal = AlreadyServes(person.name, person.unit.name, other.since, other.until)
            raise RowRefused(SINCE, refusal.message)


def refuse_gone(facts: PlaceFacts, person: Person) -> None:
    """Raise RowRefused when a person whose service has ended would get an account."""
    if facts.until and facts.until < clock.today():
        refusal = ServesNoLonger(name=person.name, day=day_words(facts.until))
        raise RowRefused("角色", refusal.message)


def _post(line: Line) -> str:
    if len(line[POST]) > 40:
        raise RowRefused(POST, _("longer than %s characters") % 40, line[POST][:60])
    return line[POST]


def _order(line: Line) -> int | None:
    if not line[ORDER]:
        return None
    number = whole_number(line[ORDER], None, LARGEST_ORDER)
    if number is None:
        raise RowRefused(ORDER, _("“%s” is no whole number up to 9999") % line[ORDER][:20], line[ORDER])
    return number


def _mark(line: Line, column: str) -> bool:
    if (word := line[column].lower()) not in YES + NO:
        raise RowRefused(
            column, _("“%s” is no answer; write 是, or leave it empty") % line[column][:20], line[column]
        )
    return word in YES


def _day(line: Line, column: str) -> date | None:
    if not line[column]:
        return None
    try:
        found: date | None = DayField(required=False).clean(line[column])
        return found
    except ValidationError:
        sentence = _("“%s” is no day; write 115/8/1 or 2026-08-01") % line[column][:20]
        raise RowRefused(column, sentence, line[column]) from None
