"""停班停課: the form of a county's announcement."""

from datetime import time
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy

from accounts.acting import Actor
from accounts.models import County
from courses.actions.suspensions import SuspensionFacts
from courses.forms.campaigns import districts_of
from kit import clock
from kit.form_fields import ClockField, DayField, DayInput, TextField


class HourInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%H:%M", **options)


class LastMinuteField(ClockField):
    """The hour at which a suspension ends: 24:00 and 00:00 are the last minute of its day."""

    def to_python(self, value: Any) -> time | None:
        hour = super().to_python(value)
        return self.midnight() if hour == time(0) else hour

    def midnight(self) -> time:
        return time(23, 59)


class SuspensionForm(forms.Form):
    """`by` decides what may be chosen: an officer has the own county, by town; the operator a county."""

    county = forms.ModelChoiceField(County.objects.all(), label=gettext_lazy("County"), empty_label=None)
    name = TextField(
        label=gettext_lazy("Reason"), max_length=40, help_text=gettext_lazy("For example the typhoon's name.")
    )
    day = DayField(label=gettext_lazy("Day"), widget=DayInput)
    from_time = ClockField(
        label=gettext_lazy("From (hour)"),
        required=False,
        widget=HourInput,
        help_text=gettext_lazy("Leave both hours empty for the whole day."),
    )
    until_time = LastMinuteField(label=gettext_lazy("Until (hour)"), required=False, widget=HourInput)
    districts = forms.MultipleChoiceField(
        label=gettext_lazy("Towns"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: all of the county."),
    )

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        kwargs["initial"] = {"day": clock.today()}
        super().__init__(*args, **kwargs)
        if by.is_operator_hat:
            del self.fields["districts"]
        else:
            del self.fields["county"]
            choices = [(name, name) for name in districts_of(by.county)]
            cast(forms.MultipleChoiceField, self.fields["districts"]).choices = choices

    @property
    def facts(self) -> SuspensionFacts:
        """Return what was typed, for the action."""
        data = self.cleaned_data
        return SuspensionFacts(
            county=data.get("county"),
            name=data["name"],
            day=data["day"],
            from_time=data["from_time"],
            until_time=data["until_time"],
            districts=data.get("districts", []),
        )
