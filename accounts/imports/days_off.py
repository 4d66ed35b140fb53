"""A file of days off: read as a whole, with a sentence for each cell that is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.acting import Actor
from accounts.actions.days_off import NewDay, may_manage_days
from accounts.errors.code_lists import DayAlreadyAdded, MayNotKeepDays
from accounts.imports.report import Refused, RowRefused, refuse_faulty
from accounts.imports.wrong_cells import WrongCells
from accounts.models import County, DayOff
from kit.form_fields import DayField
from kit.tables import Line, read_table
from kit.texts import fold, tidy_line

DAY, NAME, COUNTY, WORKDAY, ENDED = "日期", "名稱", "縣市", "上班", "撤回"
HEADER = (DAY, NAME, COUNTY, WORKDAY, ENDED)
NEEDED = (DAY, NAME)
WORK = {"": False, "0": False, "否": False, "1": True, "是": True}
Key = tuple[date, int | None]
# Its name, and whether people work on it.
Word = tuple[str, bool]


@dataclass
class Reading:
    """What a file says: the days that are new, how many rows change nothing, and the wrong cells of the refused ones."""

    fresh: list[NewDay] = field(default_factory=list)
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)


def read(path: Path, by: Actor) -> Reading:
    """Read a file, also the page's own export. A day that was taken back is left as it is; one that is known otherwise is refused.

    Raise UnreadableTable, MissingColumns.
    """
    found = Reading()
    counties = {county.name: county for county in County.objects.all()}
    known: dict[Key, Word] = {
        (row.day, row.county_id): (row.name, row.is_workday) for row in DayOff.objects.filter(ended_at=None)
    }
    for line in read_table(path, NEEDED):
        try:
            row = None if line[ENDED].strip() else _row(line, by, counties, known)
            if row and known.get(_key(row.day, row.county), _word(row)) != _word(row):
                raise RowRefused(DAY, DayAlreadyAdded(day=row.day).message, line[DAY])
        except RowRefused as error:
            found.refused += Refused.of(line.number, error)
        else:
            if row is None or _key(row.day, row.county) in known:
                found.unchanged += 1
                continue
            known[_key(row.day, row.county)] = _word(row)
            found.fresh.append(row)
    return found


def _key(day: date, county: County | None) -> Key:
    return day, county.pk if county else None


def _word(row: NewDay) -> Word:
    return row.name, row.is_workday


def _row(line: Line, by: Actor, counties: Mapping[str, County], known: Mapping[Key, Word]) -> NewDay:
    """Return the day of a row; another county's only if it is known. Raise RowRefused with every wrong cell."""
    refuse_faulty(line)
    wrong = WrongCells(line.cells)
    take = wrong.take
    day, name = take(_day, line), take(_name, line)
    county, work = take(_county, line, by, counties, day, known), take(_work, line)
    wrong.refuse()
    return NewDay(day, name, county, work)


def _day(line: Line) -> date:
    try:
        found: date = DayField().clean(line[DAY])
    except ValidationError:
        raise RowRefused(DAY, _("This is no day. Write for example 115/8/1."), line[DAY]) from None
    return found


def _name(line: Line) -> str:
    name = tidy_line(line[NAME])
    if not name or len(name) > 40:
        raise RowRefused(NAME, _("A name of 1 to 40 characters is needed."), name[:60])
    return name


def _county(
    line: Line, by: Actor, counties: Mapping[str, County], day: date | None, known: Mapping[Key, Word]
) -> County | None:
    """Return the county, None for the whole country. `day` is None while its own cell is wrong."""
    written = tidy_line(line[COUNTY])
    if written and fold(written) not in counties:
        raise RowRefused(COUNTY, _("“%s” is not a county") % written[:20], written)
    county = counties[fold(written)] if written else None
    if not may_manage_days(by, county) and (day is None or _key(day, county) not in known):
        raise RowRefused(COUNTY, MayNotKeepDays().message, line[COUNTY])
    return county


def _work(line: Line) -> bool:
    work = tidy_line(line[WORKDAY])
    if work not in WORK:
        raise RowRefused(WORKDAY, _("“%s” is no answer; write 是, or leave it empty") % work[:20], work)
    return WORK[work]
