"""What the closing page sends, read into a `Filled`: one field written by its script, or two fields a person without it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from courses.enums import EnrolmentState
from courses.models import Course
from hours.errors import SheetUnreadable
from hours.models import Filled
from kit.numbers import whole_number

S = EnrolmentState
SALT = "closing-walk-in"
MAX_TYPED = 20
# Without its script the page sends two fields a person: 5,000 people (the most a course holds) and 1,000 walk-ins fit.
MOST_FIELDS = 12_500


@dataclass
class Posted:
    """The marks as typed, and what forbids to take them as they came."""

    marks: dict[int, tuple[str, str]] = field(default_factory=dict)
    walk_ins: dict[int, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def filled(self) -> Filled:
        return Filled(self.marks, self.walk_ins)


def token_of(course: Course, person: User) -> str:
    """The proof that this person was looked up for this course."""
    return signing.dumps([course.pk, person.pk], salt=SALT)


def read_post(course: Course, data: QueryDict) -> Posted:
    """Read the page as it came back. Nothing is cut or dropped without a problem that says so. Raises SheetUnreadable."""
    posted = Posted()
    full = f"{course.hours.normalize():f}"
    if "sheet" in data:
        _read_compact(course, data, posted)
    else:
        _read_marks(data, full, posted)
        tokens = [(token, "") for token in data.getlist("walk_in_token")]
        _read_walk_ins(course, data, tokens, full, posted)
    return posted


def _read_compact(course: Course, data: QueryDict, posted: Posted) -> None:
    """The script's field: {"marks": {"12": ["attended", "3"]}, "walk_ins": [["token", "3"]]}."""
    try:
        said = json.loads(data["sheet"])
        marks = {_number(pk): _texts(mark) for pk, mark in said["marks"].items()}
        tokens = [_texts(walk_in) for walk_in in said["walk_ins"]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise SheetUnreadable from None
    posted.marks = {pk: (state, typed[:MAX_TYPED]) for pk, (state, typed) in marks.items()}
    _read_walk_ins(course, data, tokens, "", posted)


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


def _read_marks(data: QueryDict, full: str, posted: Posted) -> None:
    for number in _marked_numbers(data):
        states = data.getlist(f"state_{number}") or [S.ATTENDED]
        typed = data.get(f"hours_{number}", full)[:MAX_TYPED]
        # Two outcomes of one person contradict each other: the row says so.
        posted.marks[int(number)] = (states[0] if len(set(states)) == 1 else "", typed)


def _marked_numbers(data: QueryDict) -> Iterator[str]:
    for name in data:
        kind, _line, number = name.partition("_")
        if kind in ("state", "hours") and whole_number(number, None) is not None:
            yield number


def _read_walk_ins(
    course: Course, data: QueryDict, tokens: list[tuple[str, str]], full: str, posted: Posted
) -> None:
    """Walk-ins come back as signed tokens of this course: nobody can name a person that was not looked up."""
    for token, typed in tokens:
        try:
            course_pk, person = signing.loads(token, salt=SALT)
        except signing.BadSignature:
            continue
        if course_pk != course.pk or data.get("drop") == f"w{person}":
            continue
        if person in posted.walk_ins:
            posted.problems.append(
                _("One person is named twice among the people who came without enrolment. Please check them.")
            )
        posted.walk_ins[person] = (typed or data.get(f"hours_w{person}", full))[:MAX_TYPED]
