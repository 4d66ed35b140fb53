"""The operator puts right a national ID or a passport."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import identity
from accounts.enums import CloseReason
from accounts.forms.requests import ReasonField
from kit.errors import Refusal
from kit.form_fields import NumberedTextField, PersonNameField

# Merging has a page of its own.
CHOSEN = [(why.value, why.label) for why in CloseReason if why != CloseReason.MERGED]


class NumberInput(forms.TextInput):
    """Never filled again with what was typed: a number is not echoed."""

    def format_value(self, value: Any) -> None:
        return None


class NumberField(NumberedTextField):
    def __init__(self, label: Any) -> None:
        super().__init__(
            label=label,
            max_length=40,
            required=False,
            widget=NumberInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        )


class NameForm(forms.Form):
    """The operator corrects a name."""

    new_name = PersonNameField(label=gettext_lazy("Right name"), max_length=60)
    reason = ReasonField()


class CloseForm(forms.Form):
    """The operator closes a person."""

    because = forms.ChoiceField(label=gettext_lazy("Why"), choices=CHOSEN)
    reason = ReasonField(help_text=gettext_lazy("For example: letter of the school, 1 August."))


class NumbersForm(forms.Form):
    """`values` gives None for a number that stays, and an empty text for one that is taken away."""

    national_id = NumberField(gettext_lazy("Right national ID or resident number"))
    remove_national_id = forms.BooleanField(
        label=gettext_lazy("The person has none: take the stored number away"), required=False
    )
    passport = NumberField(gettext_lazy("Right passport number"))
    remove_passport = forms.BooleanField(
        label=gettext_lazy("Take the stored passport number away"), required=False
    )
    reason = ReasonField()

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        for name, parse in (("national_id", identity.parse), ("passport", identity.parse_passport)):
            typed = data.get(name)
            if typed and data.get(f"remove_{name}"):
                self.add_error(name, _("Either give a number or take it away."))
            elif typed:
                try:
                    parse(typed)
                except Refusal as refusal:
                    self.add_error(name, refusal.message)
        return data

    @property
    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        numbers = {
            name: "" if data[f"remove_{name}"] else data[name] or None for name in ("national_id", "passport")
        }
        return {**numbers, "reason": data["reason"]}
