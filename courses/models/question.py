"""The questions of a course at enrolment, and the replies of its people. Replies may say something of health or
faith: only the person and those in charge of the course see them, and they are deleted soon after the course.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.enums import QuestionKind
from courses.models.course import Course, line, prose
from courses.models.enrolment import Enrolment

MOST_QUESTIONS = 10


class Question(models.Model):
    """`number` is its place among the course's questions, from 1; `choices` has one choice on a line."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="questions")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=10, choices=QuestionKind)
    text = line(_("question"), 100)
    choices = prose(_("choices"), 400, blank=True)
    is_required = models.BooleanField(_("must be answered"), default=False)

    class Meta:
        verbose_name = _("question at enrolment")
        verbose_name_plural = _("questions at enrolment")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["course", "number"], name="courses_question_number_once"),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=MOST_QUESTIONS), name="courses_question_ten_at_most"
            ),
            models.CheckConstraint(
                condition=Q(kind=QuestionKind.CHOICE) & ~Q(choices="")
                | Q(kind__in=[QuestionKind.YES_NO, QuestionKind.TEXT], choices=""),
                name="courses_question_choices_fit_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def choice_list(self) -> list[str]:
        """The values that an answer may have; empty for a short text."""
        if self.kind == QuestionKind.YES_NO:
            return list(YES_NO)
        return [choice for one in self.choices.splitlines() if (choice := one.strip())]


# Stored replies to a question with yes or no.
YES_NO = ("是", "否")


class Answer(models.Model):
    """An empty answer is no row."""

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="answers", db_index=False)
    question = models.ForeignKey(Question, models.CASCADE, related_name="answers")
    value = line(pgettext_lazy("to a question", "answer"), 100)

    # What `audit_people` reads beside the row itself.
    audit_related = ("enrolment",)

    class Meta:
        verbose_name = pgettext_lazy("to a question", "answer")
        verbose_name_plural = _("answers")
        ordering = ["question", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "question"], name="courses_answer_one_a_person_and_question"
            ),
            models.CheckConstraint(condition=~Q(value=""), name="courses_answer_says_something"),
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.enrolment.user_id,)

    def __str__(self) -> str:
        return f"{self.question_id} {self.enrolment_id}"
