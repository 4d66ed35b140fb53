"""Why questions at enrolment cannot be set or replied to."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal


class TooManyQuestions(Refusal):
    sentence = _("At most %(most)s questions can be asked.")


class ChoicesMissing(Refusal):
    sentence = _("A question with a choice needs two choices or more, each on a line.")


class QuestionAnswered(Refusal):
    """A question with replies must keep its meaning."""

    sentence = _(
        "%(number)s people have answered question %(question)s: its words and kind stay, and only choices that nobody chose can go. "
        "Remove it and ask a new one instead."
    )


class AnswersLost(Refusal):
    """The change has to be confirmed: replies are deleted with their question."""

    sentence = _(
        "%(number)s answers are deleted with the questions that you remove. Confirm the change first."
    )


class AnswerMissing(Refusal):
    sentence = _("Please answer question %(question)s.")


class NotAChoice(Refusal):
    sentence = _("The answer to question %(question)s is none of its choices.")


class AnswersClosed(Refusal):
    sentence = _(
        "Answers can be changed as long as the enrolment can be cancelled. Please tell the organiser what has changed."
    )
