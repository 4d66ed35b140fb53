"""What the closing page sends, read into a `Sheet`: one field written by its script, or two fields a person without it."""

import json
from collections.abc import Iterator
from typing import Any

from django.core import signing
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from courses.enums import EnrolmentState, Participation
from courses.models import Course
from hours.errors import SheetUnreadable
from hours.models import Mark, Sheet, WalkIn
from hours.models.sheet import other_part, plain
from kit.numbers import whole_number
from kit.texts import tidy

S = EnrolmentState
SALT = "closing-walk-in"
MAX_TYPED = 20
# Without its script the page sends two fields a person: 5,000 people (the most a course holds) and 1,000 walk-ins fit.
MOST_FIELDS = 12_500


def token_of(course: Course, person: User, part: str = Participation.PARTICIPANT) -> str:
    """Return the proof that this person was looked up for this course, as a participant, lecturer or member of staff."""
    return signing.dumps([course.pk, person.pk, *other_part(part)], salt=SALT)


def read_post(course: Course, data: QueryDict) -> tuple[Sheet, list[str]]:
    """Return the posted sheet, and the problems that forbid to save it. Raise SheetUnreadable.

    Every value that is cut or dropped has a problem.
    """
    full = plain(course.hours)
    if "sheet" in data:
        marks, tokens = _compact(data.get("sheet", ""))
        full = ""
    else:
        marks, tokens = _marks(data, full), [(token, "") for token in data.getlist("walk_in_token")]
    walked, problems = _walk_ins(course, data, tokens, full)
    return Sheet(tidy(data.get("request_key", ""))[:64], marks, tuple(walked)), problems


def _compact(text: str) -> tuple[dict[int, Mark], list[tuple[str, str]]]:
    """The script's field: {"marks": {"12": ["attended", "3"]}, "walk_ins": [["token", "3"]]}."""
    try:
        said = json.loads(text)
        marks = {_number(pk): _texts(mark) for pk, mark in said["marks"].items()}
        tokens = [_texts(walk_in) for walk_in in said["walk_ins"]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise SheetUnreadable from None
    return {pk: _mark(state, typed) for pk, (state, typed) in marks.items()}, tokens


def _number(text: str) -> int:
    number = whole_number(text, None)
    if number is None:
        raise ValueError
    return number


def _texts(pair: Any) -> tuple[str, str]:
    first, second = pair
    if not isinstance(first, str) or not isinstance(second, str):
        raise TypeError
    return first, second


def _mark(state: str, typed: str) -> Mark:
    return Mark(state, tidy(typed[:MAX_TYPED]))


def _marks(data: QueryDict, full: str) -> dict[int, Mark]:
    marks = {}
    for number in _marked_numbers(data):
        states = data.getlist(f"state_{number}") or [S.ATTENDED]
        # Two outcomes of one person contradict each other: the row shows an error.
        state = states[0] if len(set(states)) == 1 else ""
        marks[int(number)] = _mark(state, data.get(f"hours_{number}", full))
    return marks


def _marked_numbers(data: QueryDict) -> Iterator[str]:
    for name in data:
        kind, _line, number = name.partition("_")
        if kind in ("state", "hours") and whole_number(number, None) is not None:
            yield number


def _walk_ins(
    course: Course, data: QueryDict, tokens: list[tuple[str, str]], full: str
) -> tuple[list[WalkIn], list[str]]:
    """Return the people without enrolment, and problems.

    They are posted as signed tokens of this course: only people who were looked up can be named, as what they were added.
    """
    walked: dict[int, WalkIn] = {}
    problems = []
    for token, typed in tokens:
        try:
            course_pk, person, *part = signing.loads(token, salt=SALT)
        except (signing.BadSignature, UnicodeEncodeError):
            # Half of a surrogate pair, as JSON can hold it, is no text that was ever signed.
            continue
        if course_pk != course.pk or data.get("drop") == f"w{person}":
            continue
        if person in walked:
            problems.append(
                _("One person is named twice among the people who came without enrolment. Please check them.")
            )
        hours = tidy((typed or data.get(f"hours_w{person}", full))[:MAX_TYPED])
        walked[person] = WalkIn(person, hours, *part)
    return list(walked.values()), problems
