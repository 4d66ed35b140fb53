"""What a clerk says of everybody when a course is closed, and the checks that need nothing but the course and the sheet."""

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User
from courses.enums import EnrolmentState
from courses.models import Course, Enrolment
from courses.queries.hour_steps import fits, hour_step
from hours.errors import AlreadyListed, BadHours, ListChanged, TooManyWalkIns, UnknownEnrolments, WalkInTwice
from hours.queries.people import Typed

ZERO = Decimal("0")
S = EnrolmentState
# A sheet holds a thousand people who came without enrolment; more is a list that belongs to another course.
MOST_WALK_INS = 1000
SHOWN = 5
LARGEST_KEY = 2**63 - 1


@dataclass(frozen=True)
class Mark:
    """What the clerk says of one person: the outcome, and the hours when attended."""

    state: EnrolmentState
    hours: Decimal = ZERO


WalkIn = tuple[User | Typed, Decimal]


@dataclass(frozen=True)
class Sheet:
    """The filled page: marks by enrolment, walk-ins with their hours, and the request's own key.

    A walk-in is a person who was looked up before, or what a caller typed, which `close_course` looks up.
    """

    request_key: str
    marks: Mapping[int, Mark]
    walk_ins: Sequence[WalkIn] = field(default_factory=list)

    @property
    def typed(self) -> list[Typed]:
        return [who for who, _hours in self.walk_ins if isinstance(who, Typed)]

    @property
    def people(self) -> list[tuple[User, Decimal]]:
        return [(who, hours) for who, hours in self.walk_ins if isinstance(who, User)]

    def with_people(self, found: Sequence[User]) -> "Sheet":
        """The sheet with the people found in the place of what was typed."""
        rest = iter(found)
        walked = [(who if isinstance(who, User) else next(rest), hours) for who, hours in self.walk_ins]
        return replace(self, walk_ins=walked)

    @property
    def digest(self) -> str:
        """What the sheet says, as a keyed hash: a repeated request is known by it, and no national ID can be read from it."""
        marks = sorted((pk, m.state, _plain(m)) for pk, m in self.marks.items())
        walked = sorted((_key(who), f"{hours.normalize():f}") for who, hours in self.walk_ins)
        said = json.dumps([marks, walked]).encode()
        return hmac.new(settings.ID_PEPPER.encode(), said, hashlib.sha256).hexdigest()


def _plain(mark: Mark) -> str:
    return f"{mark.hours.normalize():f}" if mark.state == S.ATTENDED else ""


def _key(who: User | Typed) -> str:
    return f"person:{who.pk}" if isinstance(who, User) else f"typed:{who.text.strip()}:{who.name}"


def check_hours(course: Course, name: str, amount: Decimal, step: Decimal) -> None:
    """Hours of one person are the course's own, or lie between the step and these in whole steps (`fits`). Raises BadHours."""
    if not fits(amount, course.hours, step):
        raise BadHours(name=name, step=step.normalize(), most=course.hours.normalize())


def check_marks(course: Course, sheet: Sheet) -> list[Enrolment]:
    """Return the admitted people of a sheet that covers exactly them, with right hours.

    Raises UnknownEnrolments (numbers that are no enrolment of the course, without a name), ListChanged, BadHours.
    """
    admitted = list(course.enrolments.filter(state=S.ADMITTED).select_related("user").order_by("id"))
    _check_list(course, admitted, sheet)
    step = hour_step(course)
    for row in admitted:
        if (mark := sheet.marks[row.pk]).state == S.ATTENDED:
            check_hours(course, row.user.name, mark.hours, step)
    for number, (who, hours) in enumerate(sheet.walk_ins, 1):
        name = who.name if isinstance(who, User) else _("walk-in no. %(number)s") % {"number": number}
        check_hours(course, name, hours, step)
    if len(sheet.walk_ins) > MOST_WALK_INS:
        raise TooManyWalkIns(number=len(sheet.walk_ins), most=MOST_WALK_INS)
    return admitted


def _check_list(course: Course, admitted: Sequence[Enrolment], sheet: Sheet) -> None:
    unmarked = [row for row in admitted if row.pk not in sheet.marks]
    strange = sheet.marks.keys() - {row.pk for row in admitted}
    asked = [pk for pk in strange if 0 < pk <= LARGEST_KEY]
    left = list(course.enrolments.filter(pk__in=asked).select_related("user")) if asked else []
    if unmarked or left:
        raise ListChanged(names=shortened([row.user.name for row in [*unmarked, *left]]))
    if strange:
        raise UnknownEnrolments(numbers=shortened([str(pk) for pk in sorted(strange)]))


def check_walk_ins(admitted: Iterable[Enrolment], sheet: Sheet) -> None:
    """Each walk-in is named once and is none of the admitted. Raises WalkInTwice, AlreadyListed."""
    people = [person for person, _hours in sheet.people]
    counts = Counter(person.pk for person in people)
    listed = {row.user_id for row in admitted}
    for person in people:
        if person.pk in listed:
            raise AlreadyListed(name=person.name)
        if counts[person.pk] > 1:
            raise WalkInTwice(name=person.name)


def shortened(words: Sequence[str]) -> str:
    """The first few words; the others are counted, not dropped."""
    shown = "、".join(words[:SHOWN])
    more = len(words) - SHOWN
    return shown if more <= 0 else _("%(shown)s and %(more)s more") % {"shown": shown, "more": more}
