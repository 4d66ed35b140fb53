"""Forms of the lists that people choose from, and of days off."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.acting import Actor
from accounts.code_lists import CodeList
from accounts.models import County
from kit.form_fields import DayField, SeenField, TextField


class EntryForm(forms.Form):
    name = TextField(label=pgettext_lazy("of a thing", "Name"), max_length=60)
    order = forms.IntegerField(
        label=gettext_lazy("Order"),
        min_value=0,
        max_value=9999,
        initial=100,
        help_text=gettext_lazy("The lowest number comes first."),
    )
    valid_from = DayField(
        label=gettext_lazy("Valid from"), required=False, help_text=gettext_lazy("Empty: always.")
    )
    valid_until = DayField(
        label=gettext_lazy("Valid until"),
        required=False,
        help_text=gettext_lazy("From the day after on it is offered no more; what has it keeps it."),
    )


class ChangeEntryForm(EntryForm):
    seen = SeenField()

    def __init__(self, *args: Any, is_fixed: bool, **options: Any) -> None:
        """`is_fixed`: the names of the list stay as they are."""
        super().__init__(*args, **options)
        self.fields["name"].disabled = is_fixed


class NewEntryForm(EntryForm):
    code = TextField(
        label=gettext_lazy("Code"),
        max_length=20,
        validators=[
            RegexValidator(r"\A[0-9A-Za-z_-]+\Z", gettext_lazy("Letters, digits, - and _ only, please."))
        ],
        help_text=gettext_lazy("It stays for ever."),
    )
    parent: "forms.ModelChoiceField[Any]" = forms.ModelChoiceField(
        None, label=gettext_lazy("Below"), required=False, empty_label=gettext_lazy("nothing: first step")
    )
    field_order = ("code", "parent", "name")

    def __init__(self, *args: Any, kept: CodeList, **options: Any) -> None:
        super().__init__(*args, **options)
        if kept.is_tree:
            parent: Any = self.fields["parent"]
            parent.queryset = kept.model._default_manager.order_by("path", "pk")
        else:
            del self.fields["parent"]


class DayOffForm(forms.Form):
    day = DayField(label=gettext_lazy("Day"))
    name = TextField(
        label=pgettext_lazy("of a thing", "Name"),
        max_length=40,
        help_text=gettext_lazy("For example: typhoon day."),
    )
    county: "forms.ModelChoiceField[County]" = forms.ModelChoiceField(
        County.objects.order_by("pk"),
        label=gettext_lazy("County"),
        required=False,
        empty_label=gettext_lazy("the whole country"),
    )
    is_workday = forms.BooleanField(
        label=gettext_lazy("People work on this day (a make-up working day)"), required=False
    )

    def __init__(self, *args: Any, by: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self.by = by
        if not by.is_operator_hat:
            del self.fields["county"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.by.is_operator_hat:
            data["county"] = self.by.county
        return data
