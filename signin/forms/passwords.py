"""The log-in library's forms that take a password or a code: what is guessed in them counts."""

from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.queries.persons import merged_record_of, survivor
from audit.trace import client_address
from signin import guess_throttle
from signin.actions import throttles
from signin.passwords import advice, profile_of


class _Advised:
    """Show the person's own password policy beside the new password."""

    fields: dict[str, forms.Field]
    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = advice(profile_of(self.user))


class SetPasswordForm(_Advised, account.SetPasswordForm):
    pass


class ResetPasswordKeyForm(_Advised, account.ResetPasswordKeyForm):
    pass


class ChangePasswordForm(_Advised, account.ChangePasswordForm):
    def clean_oldpassword(self) -> str:
        typed = str(self.cleaned_data["oldpassword"])
        if not guess_throttle.password_is_right(context.request, self.user, typed, where="password change"):
            raise get_adapter().validation_error("enter_current_password")
        return typed


class ResetPasswordForm(account.ResetPasswordForm):
    """Request a link by e-mail. The page is the same for known and unknown mailboxes."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)

    def clean_email(self) -> str:
        if merged := merged_record_of(str(self.cleaned_data["email"])):
            # Nobody logs in with a merged record: the link goes to the mailbox of the person's own.
            self.cleaned_data["email"] = survivor(merged).email
        email = str(super().clean_email())
        person: User | None = self.users[0] if self.users else None
        try:
            throttles.claim(
                guess_throttle.attempt_of(context.request, person, email).reset_limits(),
                throttles.TooManyResets,
            )
        except throttles.TooManyResets as refusal:
            raise ValidationError(refusal.message, code="too_many_resets") from None
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Send the link; to unknown mailboxes only a limited number in an hour from one address, without a visible difference."""
        if not self.users:
            try:
                throttles.claim([throttles.unknown_mailbox_limit(client_address(request))])
            except throttles.TooManyAttempts:
                return str(self.cleaned_data["email"])
        return str(super().save(request, **kwargs))


# A telephone shows its keys for digits.
_DIGITS = {"autocomplete": "one-time-code", "inputmode": "numeric"}


def _code() -> forms.CharField:
    """The code of a page that has nothing else to do."""
    widget = forms.TextInput(attrs={**_DIGITS, "autofocus": True})
    return forms.CharField(
        label=_("6-digit code of the app, or a recovery code"), max_length=40, widget=widget
    )


class ActivateAppForm(totp.ActivateTOTPForm):
    code = forms.CharField(
        label=_("6-digit code of the app"), max_length=40, widget=forms.TextInput(attrs=_DIGITS)
    )


class CodeForm(mfa.AuthenticateForm):
    code = _code()

    def clean_code(self) -> str:
        return guess_throttle.code_checked(context.request, self.user, super().clean_code)


class ConfirmingCodeForm(mfa.ReauthenticateForm):
    code = _code()

    def clean_code(self) -> str:
        return guess_throttle.code_checked(context.request, self.user, super().clean_code)
