"""The form of a new key for programs."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy

from accounts.enums import KeyScope
from accounts.models import BusinessAccount, User
from kit.form_fields import TextField


class AccountField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for its type checker only
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.unit.name} {obj.get_role_display()} {obj.number}"


class KeyForm(forms.Form):
    name = TextField(label=gettext_lazy("What the key is for"), max_length=60)
    account = AccountField(
        BusinessAccount.objects.none(),
        label=gettext_lazy("For whom the key is"),
        required=False,
        empty_label=gettext_lazy("my own enrolments, hours and light"),
        help_text=gettext_lazy("A key of a business account belongs to its unit and ends with the account."),
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("What it may do"), choices=KeyScope.choices, initial=KeyScope.READ
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = BusinessAccount.objects.active().filter(user=person).select_related("unit")
        cast(AccountField, self.fields["account"]).queryset = accounts.order_by("number")
