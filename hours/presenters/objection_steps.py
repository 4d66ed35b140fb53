"""An objection as its pages show it: every step that was, the next one by the clock, and what may be done."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.acting import Actor
from courses.enums import OUTCOMES, CourseState
from courses.models import Enrolment, YearlyPolicy
from courses.models.double_enrolments import each_person_once
from hours.enums import ObjectionState, ReplyLevel
from hours.models import Objection
from hours.models.sheet import ZERO
from hours.queries.credited import net_of
from hours.queries.objection_days import (
    REMIND,
    TO_LEAD,
    ObjectionDays,
    days_before_the_answer,
    days_of,
)
from hours.queries.objections import leads_of, next_level
from hours.rules import may_reply
from kit import clock

S = ObjectionState


@dataclass(frozen=True)
class Step:
    """One line: the day, what happened, by whom, the text. `is_ahead`: it will happen unless a reply comes before."""

    day: date
    words: str
    who: str = ""
    text: str = ""
    is_ahead: bool = False


@dataclass(frozen=True)
class ObjectionView:
    objection: Objection
    steps: Sequence[Step]
    answer_by: date
    is_late: bool
    may_reply: bool = False
    may_review: bool = False
    # What the person has now: the outcome, and the hours that count.
    enrolment: Enrolment | None = None
    hours: Decimal = ZERO

    @property
    def can_correct(self) -> bool:
        return self.objection.course.state == CourseState.CLOSED


def views_of(rows: Iterable[Objection], by: Actor, *, is_own: bool = False) -> list[ObjectionView]:
    """Return the rows in their order. The caller has loaded the course with its unit and handler, the person and who replied."""
    found, policies, today = list(rows), YearlyPolicy.objects.current(), clock.today()
    outcomes = {} if is_own else _outcomes_of(found)
    answered = [row for row in found if is_own and row.state == S.ANSWERED]
    leads = leads_of(answered)
    return [
        ObjectionView(
            objection=row,
            steps=list(_steps(row, policies, today)),
            answer_by=(days := days_of(row, policies)).answer_by,
            is_late=row.is_waiting and today > days.answer_by,
            may_reply=not is_own and may_reply(by, row, today),
            may_review=row in answered and next_level(row, leads) is not None,
            enrolment=(outcome := outcomes.get((row.course_id, row.user.person_id))),
            hours=net_of(outcome) if outcome else ZERO,
        )
        for row in found
    ]


Pair = tuple[int, int]


def _outcomes_of(rows: Sequence[Objection]) -> dict[Pair, Enrolment]:
    """Return the outcomes with their hours (`net_of`) by course and person, of merged records the one that counts: one query."""
    found = Enrolment.objects.of_people(row.user.person_id for row in rows)
    found = found.filter(course__in={row.course_id for row in rows}, state__in=OUTCOMES)
    found = found.annotate(net=Coalesce(Sum("credits__hours"), ZERO)).select_related("user")
    return {(row.course_id, row.person_id): row for row in each_person_once(found)}


def _steps(row: Objection, policies: Mapping[int, YearlyPolicy], today: date) -> Iterator[Step]:
    yield Step(clock.day_of(row.raised_at), _("Objection raised"), text=row.text)
    answered = clock.day_of(row.answered_at) if row.answered_at else None
    yield from _by_clock(days_before_the_answer(row, policies), answered, today, is_review=False)
    if answered and row.answered_by:
        words = _replied(_("Answered"), row.answered_level, row.answer_hours)
        yield Step(answered, words, row.answered_by.name, row.answer)
    if row.review_at is None:
        return
    level = ReplyLevel(row.review_level).label
    words = _("Review requested: %(level)s") % {"level": level}
    yield Step(clock.day_of(row.review_at), words, text=row.review_text)
    reviewed = clock.day_of(row.reviewed_at) if row.reviewed_at else None
    yield from _by_clock(days_of(row, policies), reviewed, today, is_review=True)
    if reviewed and row.reviewed_by:
        words = _replied(_("Result of the review"), "", row.review_hours)
        yield Step(reviewed, words, row.reviewed_by.name, row.review_answer)


def _replied(words: str, level: str, hours: Decimal | None) -> str:
    said = words
    if level:
        said = _("%(what)s (%(level)s)") % {"what": words, "level": ReplyLevel(level).label}
    if hours is None:
        return said
    return _("%(what)s, hours now %(hours)s") % {"what": said, "hours": f"{hours.normalize():f}"}


def _by_clock(days: ObjectionDays, until: date | None, today: date, *, is_review: bool) -> Iterator[Step]:
    """Yield the steps of the clock before the reply, and the next one while there is none."""
    for step, on in days.steps():
        if until is not None and on >= until:
            return
        yield Step(on, _clock_words(step, is_review), is_ahead=on > today)
        if on > today:
            return


def _clock_words(step: str, is_review: bool) -> str:
    if step == REMIND:
        return _("Those who are to reply are reminded")
    if is_review:
        return (
            _("Those who are to reply are reminded again")
            if step == TO_LEAD
            else _("Passed on to the county")
        )
    return _("Passed on to the unit lead") if step == TO_LEAD else _("Passed on to the county")
