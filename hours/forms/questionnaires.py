"""The questionnaire of a course: the replies of a person, and the own questions of the organiser."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hours.actions.surveys import MOST_LETTERS, QuestionData
from hours.enums import QuestionKind, StandardQuestion
from hours.models.survey import MOST_QUESTIONS
from hours.queries.surveys import SCORES, Asked
from kit.form_fields import TextField

SCORE_WORDS = {
    5: _("5 I fully agree"),
    4: _("4 I agree"),
    3: _("3 partly"),
    2: _("2 I do not agree"),
    1: _("1 I do not agree at all"),
}
FEWEST_CHOICES, MOST_CHOICES = 2, 8


def words_of(asked: Asked) -> str:
    """Return the text of a question."""
    return str(StandardQuestion(asked.key).label) if asked.is_standard else asked.text


class AnswerForm(forms.Form):
    """One field a question; the standard ones are required, the organiser's own may stay open."""

    def __init__(self, questions: Sequence[Asked], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for asked in questions:
            self.fields[asked.key] = _field(asked)

    def answers(self) -> Mapping[str, int | str]:
        return {key: given for key, given in self.cleaned_data.items() if given not in (None, "")}


def _field(asked: Asked) -> forms.Field:
    label = words_of(asked)
    if asked.kind == QuestionKind.TEXT:
        area = forms.Textarea(attrs={"rows": 3})
        return TextField(label=label, max_length=MOST_LETTERS, required=False, widget=area)
    choices: Sequence[tuple[int, Any]] = [(score, SCORE_WORDS[score]) for score in reversed(SCORES)]
    if asked.kind == QuestionKind.CHOICE:
        choices = list(enumerate(asked.choices))
    return forms.TypedChoiceField(
        label=label,
        choices=choices,
        coerce=int,
        empty_value=None,
        required=asked.is_standard,
        widget=forms.RadioSelect,
    )


class QuestionForm(forms.Form):
    """An own question; a row without a text is left out."""

    text = TextField(label=_("Question"), max_length=200, required=False)
    kind = forms.ChoiceField(
        label=_("Kind of answer"), choices=QuestionKind.choices, initial=QuestionKind.SCALE
    )
    choices = TextField(
        label=_("Answers to choose from, one a line"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        named = [line.strip() for line in str(data.get("choices") or "").splitlines() if line.strip()]
        data["choices"] = named
        if not data.get("text"):
            if named:
                self.add_error("text", _("Answers without a question: write the question, too."))
            return data
        is_choice = data.get("kind") == QuestionKind.CHOICE
        if is_choice and not FEWEST_CHOICES <= len(set(named)) == len(named) <= MOST_CHOICES:
            self.add_error("choices", _("Write two to eight different answers, one a line."))
        if not is_choice:
            data["choices"] = []
        return data


class _Questions(forms.BaseFormSet):
    def questions(self) -> list[QuestionData]:
        """Return the filled rows, in their order."""
        filled = (form.cleaned_data for form in self.forms if form.cleaned_data.get("text"))
        return [QuestionData(data["kind"], data["text"], data["choices"]) for data in filled]


QuestionFormSet = forms.formset_factory(
    QuestionForm,
    _Questions,
    extra=0,
    min_num=MOST_QUESTIONS,
    max_num=MOST_QUESTIONS,
    absolute_max=MOST_QUESTIONS,
    validate_max=True,
)
