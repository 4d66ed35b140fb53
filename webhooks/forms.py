"""The forms of webhooks."""

from django import forms
from django.utils.translation import gettext_lazy as _

from courses.enums import PublicChange
from kit.form_fields import DayField, TextField
from webhooks import addresses
from webhooks.errors import AddressNotAllowed


class WebhookForm(forms.Form):
    url = TextField(
        label=_("Web address"),
        max_length=300,
        help_text=_(
            "Of the partner's system, beginning with https://. Messages are signed (Standard Webhooks)."
        ),
    )
    purpose = TextField(label=_("What it is for"), max_length=60)
    changes = forms.MultipleChoiceField(
        label=_("Which messages"),
        choices=PublicChange.choices,
        initial=PublicChange.values,
        widget=forms.CheckboxSelectMultiple,
    )

    def clean_url(self) -> str:
        try:
            return addresses.check(str(self.cleaned_data["url"]))
        except AddressNotAllowed as refusal:
            raise forms.ValidationError(refusal.message) from None


class ReplayForm(forms.Form):
    since = DayField(label=_("From this day on"))
