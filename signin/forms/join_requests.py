"""A visitor requests to be entered at a unit."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts import identity
from accounts.forms.identity_numbers import NumberInput
from accounts.forms.unit_field import UnitField
from kit.errors import Refusal
from kit.form_fields import NumberedTextField, PersonNameField, TextField
from kit.texts import check_mailbox


class JoinForm(forms.Form):
    unit = UnitField()
    name = PersonNameField(
        label=gettext_lazy("Name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    national_id = NumberedTextField(
        label=gettext_lazy("National ID or resident number"),
        max_length=40,
        widget=NumberInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("Stored encrypted, shown to nobody, and forgotten if the request is refused."),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=200,
        validators=[check_mailbox],
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    title = TextField(label=gettext_lazy("Job title"), max_length=40, required=False)
    reason = TextField(label=gettext_lazy("Note to the unit"), max_length=300, required=False)

    def clean_national_id(self) -> Any:
        try:
            return identity.parse(self.cleaned_data["national_id"])
        except Refusal as refusal:
            raise forms.ValidationError(refusal.message) from None
