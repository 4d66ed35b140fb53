"""What is chosen after a roster has been checked."""

from typing import cast

from django import forms
from django.http import QueryDict

from kit.form_fields import DayField
from kit.numbers import whole_numbers


class CarryOutRosterForm(forms.Form):
    skip_bad_rows = forms.BooleanField(required=False)
    end_elsewhere = forms.BooleanField(required=False)
    confirmed = forms.BooleanField(required=False)
    invite = forms.BooleanField(required=False)
    last_day = DayField(required=False)

    @property
    def chosen(self) -> list[int]:
        """Return the places that were ticked: people who are missing from the file and have left."""
        return whole_numbers(cast(QueryDict, self.data).getlist("ends"))
