from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from courses.enums import OUTCOMES, EnrolmentState, Participation
from courses.models import Course
from courses.models.typed import read_typed
from hours.actions.objections import Correction
from hours.forms.closing import read_hours
from kit.form_fields import NumberedTextField, TextField

STATES = [
    (s.value, s.label) for s in (EnrolmentState.ATTENDED, EnrolmentState.ABSENT, EnrolmentState.EXCUSED)
]


class CorrectionForm(forms.Form):
    """One person of a closed course: the new state and hours, as what the person took part, with a reason."""

    state = forms.ChoiceField(label=gettext_lazy("State"), choices=STATES)
    hours = TextField(label=gettext_lazy("Hours"), max_length=20, required=False)
    participation = forms.ChoiceField(
        label=gettext_lazy("Takes part as"), choices=Participation.choices, required=False
    )
    reason = TextField(label=gettext_lazy("Reason"), max_length=300)
    # Where none is sent, as by a page of an earlier release; with None it stays as it is.
    default_participation: str | None = None

    def __init__(self, *args: Any, course: Course, step: Any, **kwargs: Any) -> None:
        self.course, self.step = course, step
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["participation"] = data.get("participation") or self.default_participation
        if data.get("state") in OUTCOMES - {EnrolmentState.ATTENDED}:
            data["hours"] = self.course.hours * 0
            return data
        try:
            data["hours"] = read_hours(data.get("hours") or "", self.course.hours, self.step)
        except ValueError as error:
            self.add_error("hours", str(error))
        return data


class PersonInput(forms.TextInput):
    """Gives back what was typed with its numbers masked: the screen of a clerk is seen by others."""

    def format_value(self, value: Any) -> str | None:
        return read_typed(str(value)).echo if value else None


class ForgottenForm(CorrectionForm):
    """A person who was not on the list."""

    person = NumberedTextField(
        label=gettext_lazy("E-mail, account number, national ID or passport number"),
        max_length=200,
        widget=PersonInput,
    )
    state = None  # type: ignore[assignment]  # takes the parent's field away, as Django documents
    default_participation = Participation.PARTICIPANT
    field_order = ["person", "participation", "hours", "reason"]


class AnswerForm(forms.Form):
    """A reply to an objection; with a state it corrects the person's outcome in the same act."""

    text = TextField(
        label=gettext_lazy("Answer"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    state = forms.ChoiceField(choices=[("", "-"), *STATES], required=False)
    hours = TextField(label=gettext_lazy("Hours"), max_length=20, required=False)
    # A page of an earlier release has none: then it stays as it is.
    participation = forms.ChoiceField(
        label=gettext_lazy("Takes part as"), choices=Participation.choices, required=False
    )

    def __init__(self, *args: Any, course: Course, step: Any, **kwargs: Any) -> None:
        self.course, self.step = course, step
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("state") == EnrolmentState.ATTENDED:
            try:
                data["amount"] = read_hours(data.get("hours") or "", self.course.hours, self.step)
            except ValueError as error:
                self.add_error("hours", str(error))
        return data

    @property
    def correction(self) -> Correction | None:
        """Return what the reply corrects; None for words alone."""
        data = self.cleaned_data
        if not data.get("state"):
            return None
        amount = data.get("amount") or self.course.hours * 0
        return Correction(EnrolmentState(data["state"]), amount, data.get("participation") or None)


class ReviewForm(forms.Form):
    text = TextField(
        label=gettext_lazy("Why should the answer be reviewed?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Please write why the answer should be reviewed.")},
    )


class ObjectionForm(forms.Form):
    text = TextField(
        label=gettext_lazy("What is wrong?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Please write what is wrong.")},
    )
