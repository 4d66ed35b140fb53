"""The questionnaire after a course: its own questions, who has replied, and the sum of all replies (docs/adr/0032)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses.models import Course
from courses.models.course import line
from hours.enums import QuestionKind

MOST_QUESTIONS = 10


class SurveyQuestion(models.Model):
    """A question of the organiser. `choices` are what one may choose from."""

    # Found by the constraint's index. A draft that is thrown away takes its questions along.
    course = models.ForeignKey(Course, models.CASCADE, related_name="survey_questions", db_index=False)
    number = models.PositiveSmallIntegerField(_("number"))
    kind = models.CharField(_("kind of answer"), max_length=10, choices=QuestionKind)
    text = line(_("question"), 200)
    choices = models.JSONField(_("answers to choose from"), default=list, blank=True)

    class Meta:
        verbose_name = _("question of a questionnaire")
        verbose_name_plural = _("questions of questionnaires")
        ordering = ["course", "number"]
        constraints = [
            models.UniqueConstraint(fields=["course", "number"], name="hours_survey_question_number"),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=MOST_QUESTIONS), name="hours_survey_questions_most"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=QuestionKind.values), name="hours_survey_question_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def key(self) -> str:
        """The name of the question among the sums."""
        return f"own{self.number}"


class Survey(models.Model):
    """The sum of all replies of a course, in one row: nothing of a single reply is stored.

    `sums` holds by question how often each score or choice was given, `texts` the words, shuffled with each reply.
    """

    course = models.OneToOneField(Course, models.PROTECT, related_name="survey")
    answers = models.PositiveIntegerField(_("number of answers"), default=0)
    sums = models.JSONField(default=dict)
    texts = models.JSONField(default=dict)
    # The organiser ended it before its last day. Results are shown once nobody can answer any more.
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("questionnaire")
        verbose_name_plural = _("questionnaires")

    def __str__(self) -> str:
        return f"{self.course_id}: {self.answers}"


class SurveyAnswered(models.Model):
    """A person has replied, once. What and when is not known."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("answered questionnaire")
        verbose_name_plural = _("answered questionnaires")
        constraints = [
            models.UniqueConstraint(fields=["course", "user"], name="hours_survey_answered_once"),
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.user_id,)

    def __str__(self) -> str:
        return f"{self.course_id} {self.user_id}"
