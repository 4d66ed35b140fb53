"""The replies at enrolment, for those in charge of the course and for the person."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from courses.enums import LIVE, OUTCOMES, SEATED
from courses.models import Answer, Course, Enrolment, Question

# Who comes, may still come, or came; others' replies are of no use.
SHOWN = LIVE | OUTCOMES


def over_since(moment: datetime) -> Q:
    """Return the condition of the replies in courses that were closed or withdrawn by a moment."""
    return Q(enrolment__course__closed_at__lte=moment) | Q(enrolment__course__withdrawn_at__lte=moment)


@dataclass(frozen=True)
class Total:
    """How often each value was given by those who have a place; of a short text how many wrote something."""

    question: Question
    counts: Sequence[tuple[str, int]]
    answered: int
    missing: int


@dataclass(frozen=True)
class PersonAnswers:
    enrolment: Enrolment
    values: Sequence[str]


@dataclass(frozen=True)
class Answers:
    questions: Sequence[Question]
    totals: Sequence[Total]
    people: Sequence[PersonAnswers]


def answers_of(course: Course) -> Answers:
    """Return the questions with their totals, and each enrolled person with the replies: three queries."""
    questions = list(course.questions.all())
    rows = list(
        course.enrolments.participants()
        .filter(state__in=SHOWN)
        .counting_once()
        .select_related("user__guest", "unit")
        .order_by("user__name_key", "user__name", "pk")
    )
    given = _given(course)
    people = [PersonAnswers(row, [given.get((row.pk, q.pk), "") for q in questions]) for row in rows]
    seated = [row.pk for row in rows if row.state in SEATED]
    totals = [_total(q, [given.get((pk, q.pk), "") for pk in seated]) for q in questions]
    return Answers(questions, totals, people)


def answers_by_enrolment(course: Course) -> tuple[list[Question], dict[int, list[str]]]:
    """Return the questions, and the replies by enrolment in their order; two queries."""
    questions = list(course.questions.all())
    given = _given(course) if questions else {}
    rows = {enrolment for enrolment, _question in given}
    return questions, {pk: [given.get((pk, q.pk), "") for q in questions] for pk in rows}


def _given(course: Course) -> dict[tuple[int, int], str]:
    rows = Answer.objects.filter(question__course=course).values_list("enrolment_id", "question_id", "value")
    return {(enrolment, question): value for enrolment, question, value in rows}


def _total(question: Question, values: Sequence[str]) -> Total:
    said = [value for value in values if value]
    counts = Counter(said)
    listed = [(choice, counts[choice]) for choice in question.choice_list]
    return Total(question, listed, len(said), len(values) - len(said))


def own_answers(row: Enrolment) -> dict[int, str]:
    """Return a person's replies by question."""
    return dict(row.answers.values_list("question_id", "value"))
