"""How django-allauth behaves here: throttled before hashing, links from the configured address, secrets sealed."""

from typing import Any
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from accounts.identity import seal_text, unseal
from accounts.models import User
from audit.trace import client_address
from signin import guess_throttle, library_mail
from signin.actions import throttles
from signin.readiness import confirmed_lately


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "The e-mail (or account number) and the password do not match. Please check both."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: people come from their school's register (`import_people`)."""
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """A person is known by e-mail; there is no user name."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or "0.0.0.0"  # noqa: S104 - no address is known: not a binding

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Return False after a log-in or a confirmation of the last minutes, so that a person does not confirm twice in a row."""
        return not confirmed_lately(context.request, context.request.user)

    def add_message(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """In the language of the page that follows: a log-in changes it to that of the person."""
        language = request.user.language if request.user.is_authenticated else get_language()
        with override(language):
            super().add_message(request, *args, **kwargs)

    # Throttling: see signin.actions.throttles.
    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        email = credentials.get("email", "")
        self._attempted = User.objects.filter(email__iexact=email).first() if email else None
        self._claimed = guess_throttle.attempt_of(request, self._attempted, email).limits()
        try:
            throttles.claim(self._claimed)
        except throttles.TooManyAttempts as refusal:
            raise ValidationError(refusal.message, code="too_many_login_attempts") from None

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        user = super().authenticate(request, **credentials)
        if user:
            throttles.succeeded(self._claimed)
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        throttles.failed(self._claimed, self._attempted)

    def reauthenticate(self, user: User, password: str) -> bool:
        return guess_throttle.password_is_right(context.request, user, password, where="confirmation")

    # URLs in e-mails use SITE_URL, never the Host header.
    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return f"{settings.SITE_URL}{path.replace('UID-KEY', quote(key))}"

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return f"{settings.SITE_URL}{reverse('account_confirm_email', args=[emailconfirmation.key])}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Through the outbox: a mail server that is away is no error of the page, and the mail leaves later."""
        library_mail.send_library_mail(template_prefix, email, context)

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        mail = library_mail.of_the_library(
            template_prefix, email if isinstance(email, str) else email[0], context
        )
        mail.extra_headers.update(headers or {})
        return mail


class MFAAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return seal_text(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def _get_site_name(self) -> str:
        return str(settings.SITE_NAME)
