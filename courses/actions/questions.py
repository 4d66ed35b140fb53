"""Questions at enrolment: set by those in charge, with the replies of the people, deleted some time after the course.

Replies are never written to the record or a log, only their number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts.acting import Actor
from audit import log
from courses.actions.states import lock_managed, require_changeable, require_version
from courses.change_signals import announce_changed
from courses.enums import NO_PLACE, QuestionKind
from courses.errors import NotEnrolled
from courses.errors.questions import (
    AnswerMissing,
    AnswersClosed,
    AnswersLost,
    ChoicesMissing,
    NotAChoice,
    QuestionAnswered,
    TooManyQuestions,
)
from courses.locks import lock_course, lock_enrolment_of
from courses.models import Answer, Course, Enrolment, Question
from courses.models.question import MOST_QUESTIONS
from courses.queries.answers import over_since
from courses.queries.copied_texts import copied_value
from courses.queries.windows import may_cancel
from kit import clock
from kit.typed_texts import require_no_number


@dataclass(frozen=True)
class QuestionData:
    """`pk` is that of a question that stays, None for a new one."""

    text: str
    kind: str
    choices: Sequence[str] = ()
    is_required: bool = False
    pk: int | None = None


@transaction.atomic
def set_questions(
    *,
    course: Course,
    by: Actor,
    questions: Sequence[QuestionData],
    version: int | None = None,
    is_confirmed: bool = False,
) -> list[Question]:
    """Give a draft or registered course these questions, in their order. Raise NotTheHandler and its like, WrongState, CourseChanged,
    TooManyQuestions, ChoicesMissing, QuestionAnswered, AnswersLost (`is_confirmed`: the person has seen it).

    A question with replies keeps its words and its kind, and every choice that was chosen; it may become required, move, or be
    removed with its replies.
    """
    course, by = lock_managed(course, by)
    require_changeable(course)
    require_version(course, version)
    if len(questions) > MOST_QUESTIONS:
        raise TooManyQuestions(most=MOST_QUESTIONS)
    known: dict[int | None, Question] = {row.pk: row for row in course.questions.prefetch_related("answers")}
    before = [row.text for row in known.values()]
    for number, data in enumerate(questions, 1):
        _refuse_bad(number, data, known.get(data.pk))
    staying = {data.pk for data in questions}
    gone = [row for pk, row in known.items() if pk not in staying]
    lost = sum(len(row.answers.all()) for row in gone)
    if lost and not is_confirmed:
        raise AnswersLost(number=lost)
    rows = _write(course, questions, known, gone)
    course.version += 1
    course.save(update_fields=["version"])
    after = {"questions": [row.text for row in rows], "answers_deleted": lost}
    log.record(
        "course.questions", course, by=by, unit_id=course.unit_id, before={"questions": before}, after=after
    )
    announce_changed([course])
    return rows


def _refuse_bad(number: int, data: QuestionData, known: Question | None) -> None:
    if known is None or (data.text, list(data.choices)) != (known.text, known.choice_list):
        require_no_number(data.text)
        require_no_number(*data.choices, field="choices")
    if data.kind == QuestionKind.CHOICE and len(set(data.choices)) < 2:
        raise ChoicesMissing
    answers = [answer.value for answer in known.answers.all()] if known else []
    if known is None or not answers:
        return
    is_other = (data.text, data.kind) != (known.text, known.kind)
    if is_other or (data.kind == QuestionKind.CHOICE and set(answers) - set(data.choices)):
        raise QuestionAnswered(number=len(answers), question=number)


def _write(
    course: Course,
    wanted: Sequence[QuestionData],
    known: Mapping[int | None, Question],
    gone: Sequence[Question],
) -> list[Question]:
    """Write the questions. One that stays keeps its place among the others that stay, and new ones come behind them."""
    course.questions.filter(pk__in=[row.pk for row in gone]).delete()
    rows = [_filled(known.get(data.pk) or Question(course=course), data) for data in wanted]
    # Numbers are unique and only become smaller, so that the rows are saved one after the other, in their order.
    rows.sort(key=lambda row: (row.pk is None, row.number or 0))
    for number, row in enumerate(rows, 1):
        row.number = number
        row.save()
    return rows


def _filled(row: Question, data: QuestionData) -> Question:
    row.text, row.kind, row.is_required = data.text, data.kind, data.is_required
    row.choices = "\n".join(dict.fromkeys(data.choices)) if data.kind == QuestionKind.CHOICE else ""
    return row


@transaction.atomic
def answer(*, course: Course, by: Actor, values: Mapping[int, str], at: datetime | None = None) -> Enrolment:
    """Answer the questions of a course in which the acting person is enrolled, or change the replies; `values` by the question's number.

    Possible as long as the enrolment can be cancelled: from then on the organiser orders meals. Raise NotEnrolled, AnswersClosed,
    AnswerMissing, NotAChoice.
    """
    moment = at or clock.now()
    course = lock_course(course)
    row = lock_enrolment_of(course, by.user.pk)
    if row is None or row.state in NO_PLACE:
        raise NotEnrolled
    if not may_cancel(course, row, moment):
        raise AnswersClosed
    number = write(row, course, values)
    log.record("enrolment.answer", row, by=by, unit_id=course.unit_id, after={"answered": number})
    return row


def write(row: Enrolment, course: Course, values: Mapping[int, str]) -> int:
    """Write the replies of an enrolment instead of its former ones; return how many. Raise AnswerMissing, NotAChoice."""
    made = []
    for question in course.questions.all():
        value = str(values.get(question.number, "")).strip()[:100]
        if not value and question.is_required:
            raise AnswerMissing(question=question.number)
        if value and question.choice_list and value not in question.choice_list:
            raise NotAChoice(question=question.number)
        require_no_number(value, field=f"q{question.number}")
        if value:
            made.append(Answer(enrolment=row, question=question, value=value))
    row.answers.all().delete()
    Answer.objects.bulk_create(made)
    return len(made)


def copy_questions(course: Course, to: Course) -> None:
    """Give the copy of a course the same questions."""
    Question.objects.bulk_create(
        Question(
            course=to,
            number=row.number,
            kind=row.kind,
            text=copied_value(row.text),
            choices=copied_value(row.choices),
            is_required=row.is_required,
        )
        for row in course.questions.all()
    )


def delete_old_answers(at: datetime | None = None) -> int:
    """Delete the replies of courses that were closed or withdrawn `ANSWERS_KEPT_DAYS` days ago, and those of enrolments that were
    cancelled or declined; return how many. Safe to run twice.
    """
    over = over_since((at or clock.now()) - timedelta(days=settings.ANSWERS_KEPT_DAYS))
    number, _kinds = Answer.objects.filter(over | Q(enrolment__state__in=NO_PLACE)).delete()
    return number
