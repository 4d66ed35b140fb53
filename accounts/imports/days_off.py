"""A file of days off: read as a whole, with a sentence for each row that cannot be taken."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.acting import Actor
from accounts.actions.days_off import NewDay, may_manage_days
from accounts.errors.code_lists import MayNotKeepDays
from accounts.imports.report import Refused, RowRefused, refuse_faulty
from accounts.models import County, DayOff
from kit.form_fields import DayField
from kit.tables import Line, read_table
from kit.texts import fold, tidy_line

DAY, NAME, COUNTY, WORKDAY, ENDED = "日期", "名稱", "縣市", "上班", "撤回"
HEADER = (DAY, NAME, COUNTY, WORKDAY, ENDED)
NEEDED = (DAY, NAME)
WORK = {"": False, "0": False, "否": False, "1": True, "是": True}


@dataclass
class Reading:
    """What a file says: the days that are new, how many rows change nothing, and the refused rows with their reasons."""

    fresh: list[NewDay] = field(default_factory=list)
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)


def read(path: Path, by: Actor) -> Reading:
    """Read a file, also the page's own export. A day that was taken back is left as it is. Raise UnreadableTable, MissingColumns."""
    found = Reading()
    counties = {county.name: county for county in County.objects.all()}
    known: set[tuple[Any, int | None]] = set(
        DayOff.objects.filter(ended_at=None).values_list("day", "county_id")
    )
    for line in read_table(path, NEEDED):
        try:
            row = None if line[ENDED].strip() else _row(line, counties)
            if row is None or (row.day, row.county.pk if row.county else None) in known:
                found.unchanged += 1
                continue
            if not may_manage_days(by, row.county):
                raise RowRefused(COUNTY, MayNotKeepDays().message, line[COUNTY])
        except RowRefused as error:
            found.refused.append(Refused.of(line.number, error))
        else:
            known.add((row.day, row.county.pk if row.county else None))
            found.fresh.append(row)
    return found


def _row(line: Line, counties: Mapping[str, County]) -> NewDay:
    refuse_faulty(line)
    name, county, work = (tidy_line(line[column]) for column in (NAME, COUNTY, WORKDAY))
    try:
        day: Any = DayField().clean(line[DAY])
    except ValidationError:
        raise RowRefused(DAY, _("This is no day. Write for example 115/8/1."), line[DAY]) from None
    if not name or len(name) > 40:
        raise RowRefused(NAME, _("A name of 1 to 40 characters is needed."), name[:60])
    if county and fold(county) not in counties:
        raise RowRefused(COUNTY, _("“%s” is not a county") % county[:20], county)
    if work not in WORK:
        raise RowRefused(WORKDAY, _("“%s” is no answer; write 是, or leave it empty") % work[:20], work)
    return NewDay(day, name, counties[fold(county)] if county else None, WORK[work])
