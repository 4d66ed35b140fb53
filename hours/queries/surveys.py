"""Who may answer the questionnaire of a course, until when, and what came of it (docs/adr/0032)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.queries.persons import person_key, persons_of
from courses.enums import CourseState, EnrolmentState, Participation
from courses.models import Course, Enrolment
from courses.models.lookups import AnyOf
from courses.models.querysets import EnrolmentQuerySet
from hours.enums import QuestionKind, StandardQuestion
from hours.models import Attendance, Survey, SurveyAnswered, SurveyQuestion
from kit import clock

# Fewer replies than this are shown to nobody.
FEWEST_SHOWN = 5
SCORES = (1, 2, 3, 4, 5)


def present_q(at: datetime) -> Q:
    """Return the condition of the enrolments whose people may answer at a moment.

    Before closing: admitted to a course that is over, and signed in where any of the admitted has (signs of lecturers and staff alone
    say nothing about who came); after it: attended as a participant, for so many days.
    """
    since = at - timedelta(days=settings.QUESTIONNAIRE_DAYS)
    valid = Attendance.objects.valid().filter(session__course=OuterRef("course"))
    admitted = Enrolment.objects.filter(
        course=OuterRef("session__course"), user=OuterRef("user"), state=EnrolmentState.ADMITTED
    )
    came = ~Exists(valid.filter(Exists(admitted))) | Exists(valid.filter(user=OuterRef("user")))
    is_over = Q(course__state=CourseState.REGISTERED, course__ends_at__lte=at, course__postponed_at=None)
    return (Q(state=EnrolmentState.ADMITTED) & is_over & came) | Q(
        state=EnrolmentState.ATTENDED,
        participation=Participation.PARTICIPANT,
        course__state=CourseState.CLOSED,
        course__closed_at__gt=since,
    )


def answerable(user_id: int, at: datetime | None = None) -> EnrolmentQuerySet:
    """Return the enrolments of a person whose questionnaire is open and has no reply yet: the one definition for pages and actions."""
    mine = SurveyAnswered.objects.filter(AnyOf(F("user_id"), persons_of(user_id)), course=OuterRef("course"))
    return _open(Enrolment.objects.of_person(user_id), at or clock.now()).filter(~Exists(mine))


def _open(rows: EnrolmentQuerySet, at: datetime) -> EnrolmentQuerySet:
    """Return the enrolments whose people the questionnaire is for, while it is open."""
    return rows.exclude(course__questionnaire="").filter(present_q(at), course__survey__ended_at=None)


def unanswered(closed_until: datetime, at: datetime) -> QuerySet[Any, Any]:
    """Return the enrolments in courses closed until a moment whose questionnaire is open and has no reply of the person, each with `person`.

    It reads who has replied, as `answerable` does: what was said is not stored by person.
    """
    rows = Enrolment.objects.filter(course__state=CourseState.CLOSED, course__closed_at__lte=closed_until)
    said = SurveyAnswered.objects.alias(person=person_key()).filter(
        course=OuterRef("course"), person=OuterRef("person")
    )
    return _open(rows, at).annotate(person=person_key()).filter(~Exists(said))


def reader_of(row: Enrolment) -> int:
    """Return the person of an enrolment of `unanswered`."""
    return int(cast(Any, row).person)


def has_answered(user_id: int, course: Course) -> bool:
    return SurveyAnswered.objects.filter(course=course, user__in=persons_of(user_id)).exists()


def questions_are_open(course: Course, at: datetime | None = None) -> bool:
    """Return whether the organiser may still change the own questions: until the course is over, when people begin to reply."""
    return course.is_changeable and not course.has_ended(at)


def last_moment(course: Course) -> datetime | None:
    """Return until when the questionnaire of a course is open; None before its closing."""
    if course.closed_at is None:
        return None
    return course.closed_at + timedelta(days=settings.QUESTIONNAIRE_DAYS)


@dataclass(frozen=True)
class Asked:
    """A question as the form shows it: a standard one has no text here. `choices` are those of a choice."""

    key: str
    kind: str
    text: str = ""
    choices: Sequence[str] = ()

    @property
    def is_standard(self) -> bool:
        return self.key in StandardQuestion.values


def questions_of(course: Course) -> list[Asked]:
    """Return the standard questions and then those of the organiser."""
    own = SurveyQuestion.objects.filter(course=course).order_by("number")
    return [Asked(key, QuestionKind.SCALE) for key in StandardQuestion.values] + [
        Asked(row.key, row.kind, row.text, tuple(row.choices)) for row in own
    ]


@dataclass(frozen=True)
class Outcome:
    """The replies to one question. `counts`: of each score from 1 to 5, or of each choice."""

    asked: Asked
    counts: Sequence[int] = ()
    texts: Sequence[str] = ()

    @property
    def number(self) -> int:
        return sum(self.counts)

    @property
    def mean(self) -> float | None:
        """The mean of the scores; None without any."""
        if self.asked.kind != QuestionKind.SCALE or not self.number:
            return None
        return sum(score * number for score, number in zip(SCORES, self.counts, strict=True)) / self.number


@dataclass(frozen=True)
class Results:
    """The state of a questionnaire. Without enough replies, or while people may reply, `outcomes` is empty."""

    present: int
    answers: int
    is_over: bool
    until: datetime | None
    outcomes: Sequence[Outcome] = field(default_factory=tuple)

    @property
    def is_shown(self) -> bool:
        return bool(self.outcomes)


def results_of(course: Course, at: datetime | None = None) -> Results:
    """Return what the organiser may know of the questionnaire: the replies only once nobody can add one, and from five on."""
    moment, until = at or clock.now(), last_moment(course)
    survey = Survey.objects.filter(course=course).first()
    ended = survey.ended_at if survey else None
    is_over = ended is not None or (until is not None and until <= moment)
    present = course.enrolments.filter(present_of_course(course)).count()
    answers = survey.answers if survey else 0
    shown: list[Outcome] = []
    if survey and is_over and answers >= FEWEST_SHOWN:
        shown = [_outcome(asked, survey.sums, survey.texts) for asked in questions_of(course)]
    return Results(present, answers, is_over, ended or until, shown)


def present_of_course(course: Course) -> Q:
    """Return the condition of the people of a course whom the questionnaire is for: those who attended, or the admitted before closing."""
    is_closed = course.state == CourseState.CLOSED
    state = EnrolmentState.ATTENDED if is_closed else EnrolmentState.ADMITTED
    return Q(state=state, participation=Participation.PARTICIPANT)


def _outcome(asked: Asked, sums: Mapping[str, Sequence[int]], texts: Mapping[str, Sequence[str]]) -> Outcome:
    empty = [0] * (len(asked.choices) if asked.kind == QuestionKind.CHOICE else len(SCORES))
    if asked.kind == QuestionKind.TEXT:
        return Outcome(asked, texts=tuple(texts.get(asked.key, ())))
    return Outcome(asked, tuple(sums.get(asked.key, empty)))
