"""The questions of a course as rows for those in charge, and as fields for the people who answer them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.actions.questions import QuestionData
from courses.enums import QuestionKind
from courses.forms.course import rows_of
from courses.models import Course, Question
from courses.models.question import MOST_QUESTIONS, YES_NO
from kit.form_fields import TextField

BLANK_ROWS = 2
# Questions of most courses, ready to be taken over, with their words on the page.
READY: Mapping[str, tuple[Any, QuestionData]] = {
    "meal": (
        gettext_lazy("meal: with or without meat, or one's own"),
        QuestionData("用餐", QuestionKind.CHOICE, ("葷", "素", "自備"), True),
    ),
    "transport": (
        gettext_lazy("transport"),
        QuestionData("交通方式", QuestionKind.CHOICE, ("自行開車", "機車", "大眾運輸", "需要接駁")),
    ),
    "remarks": (gettext_lazy("remarks"), QuestionData("備註", QuestionKind.TEXT)),
}


class QuestionForm(forms.Form):
    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    text = TextField(label=gettext_lazy("Question"), max_length=100)
    kind = forms.ChoiceField(label=gettext_lazy("Answered by"), choices=QuestionKind.choices)
    choices = TextField(
        label=gettext_lazy("Choices"),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("One on a line, only for a choice."),
    )
    is_required = forms.BooleanField(label=gettext_lazy("Must be answered"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        lines = data.get("choices", "").splitlines()
        data["list"] = list(dict.fromkeys(choice for line in lines if (choice := line.strip())))
        if data.get("kind") == QuestionKind.CHOICE and len(data["list"]) < 2:
            self.add_error("choices", _("Write two choices or more."))
        return data

    def question(self) -> QuestionData:
        said = self.cleaned_data
        return QuestionData(said["text"], said["kind"], said["list"], said["is_required"], said["pk"])


QuestionFormSet = rows_of(QuestionForm, MOST_QUESTIONS, blank=BLANK_ROWS)


class QuestionsForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    ready = forms.MultipleChoiceField(
        label=gettext_lazy("Ready-made questions"),
        choices=[(name, label) for name, (label, _question) in READY.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class QuestionsForms:
    """The page's form and its rows as one."""

    def __init__(self, course: Course, data: QueryDict | None = None) -> None:
        self.form = QuestionsForm(data, initial={"version": course.version})
        rows = [_row(question) for question in course.questions.all()]
        self.rows = QuestionFormSet(data, initial=rows, prefix="questions")
        # How many replies would be deleted, where the change waits for a confirmation.
        self.lost = 0

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), self.rows.is_valid()])

    def ask(self, lost: int) -> None:
        """Show on the page that the replies would be deleted."""
        self.lost = lost

    def questions(self) -> list[QuestionData]:
        typed = [row.question() for row in self.rows.filled_rows()]
        return typed + [READY[name][1] for name in self.form.cleaned_data["ready"]]


def _row(question: Question) -> dict[str, Any]:
    return {
        "pk": question.pk,
        "text": question.text,
        "kind": question.kind,
        "choices": question.choices,
        "is_required": question.is_required,
    }


class AnswersForm(forms.Form):
    """One field for each question."""

    def __init__(
        self,
        questions: Sequence[Question],
        data: QueryDict | None = None,
        answers: Mapping[int, str] | None = None,
    ) -> None:
        given = answers or {}
        super().__init__(data, initial={_name(q): given[q.pk] for q in questions if q.pk in given})
        for question in questions:
            self.fields[_name(question)] = _field(question)

    def values(self) -> dict[int, str]:
        """Return the valid replies by the number of the question."""
        return {int(name.removeprefix("q")): str(value) for name, value in self.cleaned_data.items() if value}


def _name(question: Question) -> str:
    return f"q{question.number}"


def _field(question: Question) -> forms.Field:
    said: dict[str, Any] = {"label": question.text, "required": question.is_required}
    if question.kind == QuestionKind.TEXT:
        return TextField(max_length=100, **said)
    words = {YES_NO[0]: _("yes"), YES_NO[1]: _("no")} if question.kind == QuestionKind.YES_NO else {}
    choices = [(value, words.get(value, value)) for value in question.choice_list]
    return forms.ChoiceField(choices=[("", "–"), *choices], **said)
