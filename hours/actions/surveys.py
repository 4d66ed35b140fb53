"""Reply to a questionnaire, once and without a trace of who said what; prepare and end one (docs/adr/0032)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import SystemRandom
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.acting import Actor
from accounts.locks import lock_actor
from audit import log
from courses.actions.states import lock_managed
from courses.locks import lock_course
from courses.models import Course
from courses.queries.copied_texts import copied_value
from hours.enums import QuestionKind
from hours.errors import (
    AlreadyAnswered,
    AnswerUnreadable,
    NoQuestionnaire,
    NotToBeEnded,
    QuestionnaireNotYours,
    QuestionsFixed,
)
from hours.models import Survey, SurveyAnswered, SurveyQuestion
from hours.queries.surveys import (
    SCORES,
    Asked,
    answerable,
    has_answered,
    last_moment,
    questions_are_open,
    questions_of,
)
from kit import clock
from kit.typed_texts import require_no_number

MOST_LETTERS = 500
_random = SystemRandom()


@dataclass(frozen=True)
class QuestionData:
    """An own question as the form has it."""

    kind: str
    text: str
    choices: Sequence[str] = ()


@transaction.atomic
def answer(
    *, course: Course, by: Actor, answers: Mapping[str, int | str], at: datetime | None = None
) -> None:
    """Add what a person replies to the sum: by question a score from 1 to 5, the place of a choice from 0 on, or words.

    The record says nothing of it: a moment beside the sums of two days would link them. Raise AlreadyAnswered,
    QuestionnaireNotYours, AnswerUnreadable.
    """
    by = lock_actor(by)
    course = lock_course(course)
    if has_answered(by.user.pk, course):
        raise AlreadyAnswered
    if not answerable(by.user.pk, at).filter(course=course).exists():
        raise QuestionnaireNotYours(days=settings.QUESTIONNAIRE_DAYS)
    try:
        with transaction.atomic():
            SurveyAnswered.objects.create(course=course, user=by.user)
    except IntegrityError:
        raise AlreadyAnswered from None
    survey = Survey.objects.get_or_create(course=course)[0]
    for asked in questions_of(course):
        if (given := answers.get(asked.key)) not in (None, ""):
            _add(survey, asked, given)
    survey.answers += 1
    survey.save(update_fields=["answers", "sums", "texts"])


def _add(survey: Survey, asked: Asked, given: int | str | None) -> None:
    """Count a score or choice, or put words among the others. Raise AnswerUnreadable."""
    if asked.kind == QuestionKind.TEXT:
        if not isinstance(given, str) or len(given) > MOST_LETTERS:
            raise AnswerUnreadable
        require_no_number(given, field=asked.key)
        words = [*survey.texts.get(asked.key, []), given]
        _random.shuffle(words)
        survey.texts[asked.key] = words
        return
    number = len(SCORES) if asked.kind == QuestionKind.SCALE else len(asked.choices)
    place = int(given) - (asked.kind == QuestionKind.SCALE) if isinstance(given, int) else -1
    if not 0 <= place < number:
        raise AnswerUnreadable
    counts = list(survey.sums.get(asked.key, [0] * number))
    counts[place] += 1
    survey.sums[asked.key] = counts


@transaction.atomic
def save_questions(
    *, course: Course, by: Actor, questions: Sequence[QuestionData], at: datetime | None = None
) -> None:
    """Replace the own questions of a course that is not over. Raise NotTheHandler and its like, NoQuestionnaire, QuestionsFixed."""
    course, by = lock_managed(course, by)
    if not course.questionnaire:
        raise NoQuestionnaire
    if not questions_are_open(course, at):
        raise QuestionsFixed
    for data in questions:
        require_no_number(data.text, *data.choices)
    rows = SurveyQuestion.objects.filter(course=course)
    before = list(rows.order_by("number").values_list("text", flat=True))
    rows.delete()
    SurveyQuestion.objects.bulk_create(
        SurveyQuestion(
            course=course, number=number, kind=data.kind, text=data.text, choices=list(data.choices)
        )
        for number, data in enumerate(questions, start=1)
    )
    after = [data.text for data in questions]
    log.record(
        "questionnaire.save",
        course,
        by=by,
        unit_id=course.unit_id,
        before={"questions": before},
        after={"questions": after},
    )


def copy_questions(sender: object, *, course: Course, to: Course, **_more: Any) -> None:
    """Give the copy of a course the own questions of its questionnaire; received in the transaction of the copying."""
    SurveyQuestion.objects.bulk_create(
        SurveyQuestion(
            course=to,
            number=row.number,
            kind=row.kind,
            text=copied_value(row.text),
            choices=copied_value(row.choices),
        )
        for row in SurveyQuestion.objects.filter(course=course)
    )


@transaction.atomic
def end(*, course: Course, by: Actor, at: datetime | None = None) -> None:
    """End the questionnaire of a closed course before its last day, so that the result is shown. Raise NotTheHandler and its like, NotToBeEnded."""
    course, by = lock_managed(course, by)
    moment, until = at or clock.now(), last_moment(course)
    survey = Survey.objects.get_or_create(course=course)[0]
    if not course.questionnaire or until is None or until <= moment or survey.ended_at:
        raise NotToBeEnded
    survey.ended_at = moment
    survey.save(update_fields=["ended_at"])
    log.record("questionnaire.end", course, by=by, unit_id=course.unit_id, after={"answers": survey.answers})
