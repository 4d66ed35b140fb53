"""The checks of a closing's sheet that need nothing but the course and the sheet."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import User
from courses.actions.absence_states import refuse_absence_of_excused
from courses.enums import EnrolmentState, Participation
from courses.models import Course, Enrolment
from courses.queries.hour_steps import fits, hour_step
from hours.errors import (
    AlreadyListed,
    BadHours,
    ListChanged,
    OneParticipation,
    TooManyWalkIns,
    UnknownEnrolments,
    UnknownParticipation,
    WalkInTwice,
)
from hours.models import Sheet
from kit.sentence_parts import listed

S = EnrolmentState
# A sheet holds a thousand people who came without enrolment; more is a list that belongs to another course.
MOST_WALK_INS = 1000
SHOWN = 5
LARGEST_KEY = 2**63 - 1


def check_hours(course: Course, name: str, amount: Decimal | None, step: Decimal) -> None:
    """Hours of one person are the course's own, or lie between the step and these in whole steps (`fits`). Raise BadHours."""
    if amount is None or not fits(amount, course.hours, step):
        raise BadHours(name=name, step=step.normalize(), most=course.hours.normalize())


def check_marks(course: Course, sheet: Sheet) -> list[Enrolment]:
    """Return the admitted people of a sheet that covers exactly them, each once, with right hours.

    Raise UnknownEnrolments (numbers that are no enrolment of the course, without a name), ListChanged, ExcusedBefore, BadHours,
    UnknownParticipation.
    """
    admitted = list(course.enrolments.on_closing_sheet().select_related("user").order_by("id"))
    _check_list(course, admitted, sheet)
    refuse_absence_of_excused(admitted, {row.pk: sheet.marks[row.pk].state for row in admitted})
    step = hour_step(course)
    for row in admitted:
        if (mark := sheet.marks[row.pk]).state == S.ATTENDED:
            check_hours(course, row.user.name, mark.hours, step)
    names = (
        dict(User.objects.filter(pk__in=sheet.by_person).values_list("pk", "name")) if sheet.by_person else {}
    )
    for number, walk_in in enumerate(sheet.walk_ins, 1):
        name = names.get(walk_in.who) if isinstance(walk_in.who, int) else None
        if walk_in.part not in Participation.values:
            raise UnknownParticipation
        check_hours(course, name or _nameless(number, walk_in.part), walk_in.hours, step)
    if len(sheet.walk_ins) > MOST_WALK_INS:
        raise TooManyWalkIns(number=len(sheet.walk_ins), most=MOST_WALK_INS)
    return admitted


def _nameless(number: int, part: str) -> str:
    """Return the words for a person of whom only the place in the list is known: the API names people by numbers."""
    if part == Participation.PARTICIPANT:
        return _("walk-in no. %(number)s") % {"number": number}
    return _("no. %(number)s of those without enrolment (%(kind)s)") % {
        "number": number,
        "kind": Participation(part).label,
    }


def _check_list(course: Course, admitted: Sequence[Enrolment], sheet: Sheet) -> None:
    unmarked = [row for row in admitted if row.pk not in sheet.marks]
    strange = sheet.marks.keys() - {row.pk for row in admitted}
    asked = [pk for pk in strange if 0 < pk <= LARGEST_KEY]
    left = list(course.enrolments.filter(pk__in=asked).select_related("user")) if asked else []
    if unmarked or left:
        raise ListChanged(names=shortened([row.user.name for row in [*unmarked, *left]]))
    if strange:
        raise UnknownEnrolments(numbers=shortened([str(pk) for pk in sorted(strange)]))


def check_walk_ins(admitted: Iterable[Enrolment], sheet: Sheet) -> list[User]:
    """Return the walk-ins, lecturers and staff among them.

    Raise WalkInTwice (named twice, by two records as well), OneParticipation (also named as something else), AlreadyListed (among the
    admitted).
    """
    asked = [(one.who, one.part) for one in sheet.walk_ins if isinstance(one.who, int)]
    known = User.objects.in_bulk({pk for pk, _part in asked})
    people = [known[pk] for pk, _part in asked]
    parts: defaultdict[int, list[str]] = defaultdict(list)
    for person, (_pk, part) in zip(people, asked, strict=True):
        parts[person.person_id].append(part)
    listed = {row.person_id for row in admitted}
    for person in people:
        named_as = parts[person.person_id]
        if person.person_id in listed:
            raise refuse_listed(person.name, Participation.PARTICIPANT, *named_as)
        if len(set(named_as)) > 1:
            raise OneParticipation(name=person.name, kind=Participation(min(named_as)).label)
        if len(named_as) > 1:
            raise WalkInTwice(name=person.name)
    return people


def refuse_listed(name: str, listed_as: str, *wanted: str) -> AlreadyListed | OneParticipation:
    """Return the refusal of a person who is on the list already, as the same or as something else."""
    if set(wanted) <= {listed_as}:
        return AlreadyListed(name=name)
    return OneParticipation(name=name, kind=Participation(listed_as).label)


def shortened(words: Sequence[str]) -> str:
    """The first few words; the others are counted, not dropped."""
    shown = listed(words[:SHOWN])
    more = len(words) - SHOWN
    return shown if more <= 0 else _("%(shown)s and %(more)s more") % {"shown": shown, "more": more}
