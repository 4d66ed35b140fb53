"""Add rows to the posted data as if a person had typed them: an empty one, or the last session in the following weeks."""

from datetime import date, timedelta

from django.http import QueryDict
from django.utils.dateparse import parse_date

from courses.forms.course import MOST_SESSIONS
from kit.numbers import whole_number

MOST_WEEKS = 20
COPIED = ("starts", "ends", "place", "topic")


def with_more_rows(data: QueryDict) -> QueryDict:
    """Return the posted data with the requested rows; `data` itself when none were requested."""
    return _with_blank_row(with_repeats(data))


def _with_blank_row(data: QueryDict) -> QueryDict:
    """One row more of the set that `more` names; the set itself refuses too many."""
    counter = f"{data.get('more')}-TOTAL_FORMS"
    total = _number(data.get(counter), MOST_SESSIONS)
    if not total:
        return data
    more = data.copy()
    more[counter] = str(total + 1)
    return more


def with_repeats(data: QueryDict) -> QueryDict:
    """The last session again in each of the following weeks (`repeat_weeks`) when `repeat` was pressed; else `data` itself.

    What is no number or has no day to go on from adds nothing; no more rows are added than the form takes.
    """
    weeks, total = (
        _number(data.get("repeat_weeks"), MOST_WEEKS),
        _number(data.get("sessions-TOTAL_FORMS"), MOST_SESSIONS),
    )
    if "repeat" not in data or not weeks or not total:
        return data
    dated = [(i, day) for i in range(total) if (day := _day(data, i))]
    if not dated:
        return data
    index, day = dated[-1]
    more = data.copy()
    weeks = min(weeks, MOST_SESSIONS - total)
    for week in range(1, weeks + 1):
        row = f"sessions-{total + week - 1}"
        more[f"{row}-day"] = (day + timedelta(weeks=week)).isoformat()
        for name in COPIED:
            more[f"{row}-{name}"] = data.get(f"sessions-{index}-{name}", "")
    more["sessions-TOTAL_FORMS"] = str(total + weeks)
    return more


def _number(text: str | None, most: int) -> int:
    """A whole number from 1 to `most`; 0 for anything else."""
    return whole_number(text, 0, most)


def _day(data: QueryDict, index: int) -> date | None:
    """The day of a row that stays; days near the end of time have no following week."""
    if data.get(f"sessions-{index}-DELETE"):
        return None
    try:
        day = parse_date(data.get(f"sessions-{index}-day", ""))
    except ValueError:
        return None
    return day if day and day.year < 9000 else None
