"""The registration form 課程登錄: one definition of its fields, with sessions and instructors as rows."""

from datetime import date, datetime, time
from functools import partial
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.actions.course_fields import SessionData
from courses.enums import LeaveKind, Questionnaire, Travel
from courses.models import Course
from courses.queries.hour_steps import hour_step
from courses.queries.references import offered_or_chosen
from kit import clock
from kit.form_fields import ClockField, DayField, DayInput, EndClockField, TextField

FIRST_YEAR = 1911
TEXTS = (
    "title",
    "approval_number",
    "basis_number",
    "summary",
    "outline",
    "materials",
    "method",
    "audience",
    "place",
    "bring",
    "contact_name",
    "contact_phone",
    "contact2_name",
    "contact2_phone",
)
YEARS_AHEAD = 3
MIDNIGHT = time(0)


def sane_day(day: date) -> None:
    """Validator: days before 1911 or more than three years ahead are slips of the keyboard."""
    last = clock.today().year + YEARS_AHEAD
    if not FIRST_YEAR <= day.year <= last:
        raise ValidationError(
            _("The year must lie between %(first)s and %(last)s.") % {"first": FIRST_YEAR, "last": last},
            code="year",
        )


class CourseForm(forms.ModelForm):
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    meeting_link = forms.URLField(
        label=gettext_lazy("Meeting link"), required=False, max_length=300, assume_scheme="https"
    )

    class Meta:
        model = Course
        fields = [
            "title", "approval_number", "basis_number", "nature", "tags", "hours", "hours_by", "summary", "outline", "materials", "method", "audience",
            "stages", "groups", "mode", "place", "meeting_link", "capacity", "admission", "waiting_list", "enrol_from",
            "enrol_until", "fee", "payer", "leave_kind", "travel", "bring", "questionnaire", "contact_name", "contact_phone", "contact_mail",
            "contact2_name", "contact2_phone", "contact2_mail",
        ]  # fmt: skip
        field_classes = {
            **dict.fromkeys(TEXTS, TextField),
            "enrol_from": DayField,
            "enrol_until": DayField,
        }
        widgets = {
            "summary": forms.Textarea(attrs={"rows": 3}),
            "outline": forms.Textarea(attrs={"rows": 5}),
            "materials": forms.Textarea(attrs={"rows": 2}),
            "enrol_from": DayInput,
            "enrol_until": DayInput,
            "stages": forms.CheckboxSelectMultiple,
            "groups": forms.CheckboxSelectMultiple,
            "tags": forms.CheckboxSelectMultiple,
            "hours": forms.NumberInput(attrs={"min": "0.5"}),
        }
        help_texts = {
            "approval_number": gettext_lazy(
                "The letter that approves the course; 無文號 when there is none."
            ),
            "basis_number": gettext_lazy("The letter of a superior office that the course follows, if any."),
            "meeting_link": gettext_lazy("Shown only to people who are admitted."),
            "leave_kind": gettext_lazy(
                "Named in the confirmation: leave itself is granted by each person's own school."
            ),
            "questionnaire": gettext_lazy(
                "Anonymous: five standard questions and up to ten of your own. That the certificate waits for it is chosen before registration only."
            ),
            "bring": gettext_lazy("Named in the reminder on the day before."),
            "hours_by": gettext_lazy(
                "Whole course: hours only for who attended all of it. Otherwise each session or half day has its share."
            ),
            "enrol_from": gettext_lazy("Empty: at once."),
            "enrol_until": gettext_lazy("Empty: until the day it starts."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("enrol_from", "enrol_until"):
            self.fields[name].validators.append(sane_day)
        for name in ("stages", "groups", "tags", "nature"):
            field = cast(forms.ModelChoiceField, self.fields[name])
            field.queryset = offered_or_chosen(cast("QuerySet[Any]", field.queryset), self.instance, name)
        cast(forms.ModelChoiceField, self.fields["nature"]).empty_label = gettext_lazy("Not said")
        self.fields["hours_by"].required = False
        for name, choices in (("leave_kind", LeaveKind.choices), ("travel", Travel.choices)):
            choice = cast(forms.ChoiceField, self.fields[name])
            choice.choices = [("", gettext_lazy("Not said")), *choices]
        asked = cast(forms.ChoiceField, self.fields["questionnaire"])
        asked.choices = [("", gettext_lazy("Without a questionnaire")), *Questionnaire.choices]
        self.fields["hours"].widget.attrs["step"] = f"{hour_step(self.instance):f}"

    def clean_hours_by(self) -> str:
        """A form without the field keeps what the course has."""
        return str(self.cleaned_data["hours_by"] or self.instance.hours_by)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("enrol_from"), data.get("enrol_until")
        if first and last and last < first:
            self.add_error("enrol_until", _("Enrolment cannot close before it opens."))
        return data

    def _post_clean(self) -> None:
        """The action writes the course, with its row locked: the form never touches the instance, it only checks the fields."""
        for name, value in list(self.cleaned_data.items()):
            self._check_model_field(name, value)

    def _check_model_field(self, name: str, value: Any) -> None:
        if name not in self.fields or name in ("stages", "groups", "tags", "nature") or value in (None, ""):
            return
        try:
            cast("models.Field[Any, Any]", Course._meta.get_field(name)).run_validators(value)
        except ValidationError as error:
            self.add_error(name, error)


class SessionForm(forms.Form):
    day = DayField(label=gettext_lazy("Day"), validators=[sane_day])
    starts = ClockField(label=gettext_lazy("From"))
    ends = EndClockField(label=gettext_lazy("To"), help_text=gettext_lazy("Until midnight: 00:00"))
    place = TextField(
        label=gettext_lazy("Place (when it differs)"),
        required=False,
        max_length=200,
    )
    topic = TextField(label=gettext_lazy("Topic (where sessions differ)"), required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        starts, ends = data.get("starts"), data.get("ends")
        if starts is not None and ends is not None and ends <= starts and not MIDNIGHT == ends < starts:
            self.add_error("ends", _("A session must end after it starts."))
        return data

    def session(self) -> SessionData:
        data = self.cleaned_data
        day, ends = data["day"], data["ends"]
        until = clock.end_of_day(day) if ends == MIDNIGHT else _moment(day, ends)
        return SessionData(_moment(day, data["starts"]), until, data.get("place", ""), data.get("topic", ""))


def _moment(day: date, clock_time: time) -> datetime:
    return clock.at_taipei(day, clock_time)


class InstructorForm(forms.Form):
    name = TextField(label=gettext_lazy("Instructor"), max_length=60)
    organisation = TextField(
        label=gettext_lazy("Organisation and title"),
        required=False,
        max_length=120,
    )


class RowFormSet(forms.BaseFormSet):
    """Rows that the person left as they were still count: the action replaces all rows."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if index is not None:
            form.has_changed = partial(self._is_filled, form, index < self.initial_form_count())

    @staticmethod
    def _is_filled(form: forms.Form, is_kept: bool) -> bool:
        """Return whether the row counts. A browser sends the first choice of a row that is left blank."""
        return is_kept or any(
            not isinstance(form.fields[name], forms.ChoiceField) for name in form.changed_data
        )

    def filled_rows(self) -> list[Any]:
        """Return the rows that are filled in and not marked for removal."""
        return [
            f
            for f in self.forms
            if f.has_changed() and getattr(f, "cleaned_data", None) and not f.cleaned_data.get("DELETE")
        ]

    def is_touched(self) -> bool:
        """Return whether any value differs from the initial one."""
        return any(form.changed_data for form in self.forms)


def rows_of(form: type[forms.Form], most: int, *, blank: int = 0) -> Any:
    """Return a formset of at most so many rows, with `blank` ones to fill in.

    It takes one row that is too many and gives it a sentence: the counter in the page is not believed.
    """
    shown = most + blank
    return forms.formset_factory(
        form,
        RowFormSet,
        extra=blank,
        can_delete=True,
        max_num=shown,
        absolute_max=shown + 1,
        validate_max=True,
    )


MOST_SESSIONS, MOST_INSTRUCTORS = 60, 30
SessionFormSet = rows_of(SessionForm, MOST_SESSIONS)
InstructorFormSet = rows_of(InstructorForm, MOST_INSTRUCTORS)
