"""Log-in by e-mail or by the number of a business account; the number only identifies the person."""

import re
from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import BusinessAccount
from accounts.queries.persons import merged_record_of, survivor
from kit.texts import refuse_controls

NUMBER = re.compile(r"^[0-9A-Z]{6}-\d{3,}\Z")


class LoginForm(AllauthLoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.CharField(
            label=_("E-mail or business account number"),
            max_length=200,
            validators=[refuse_controls],
            widget=forms.TextInput(
                attrs={"autocomplete": "username webauthn", "autocapitalize": "none", "spellcheck": "false"}
            ),
        )
        self.fields["password"].max_length = 128
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""
        self.order_fields(["login", "password"])

    def user_credentials(self) -> dict[str, str]:
        typed = self.cleaned_data["login"]
        number = typed.upper()
        if NUMBER.match(number):
            held = BusinessAccount.objects.filter(number=number).select_related("user__merged_into").first()
            typed = survivor(held.user).email if held else typed
        elif merged := merged_record_of(typed):
            # Only the password of the record that is in use counts.
            typed = survivor(merged).email
        return {"email": typed, "password": self.cleaned_data.get("password", "")}
