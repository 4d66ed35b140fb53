"""Letters that are sent at once and stand in no inbox: those of the log-in library, and the one to a former mailbox."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from notices.kinds import category_of
from notices.mail import Mail, message, written


def at_once(
    kind: str, to: str, context: Mapping[str, Any], *, user: User | None = None, url: str | None = None
) -> EmailMultiAlternatives:
    """A letter in the house's layout and the person's language; without a person in the language of the page."""
    language = user.language if user else translation.get_language() or settings.LANGUAGE_CODE
    with translation.override(language):
        subject, body = written(kind, dict(context))
    return message(
        Mail(
            kind=kind,
            to=to,
            name=user.name if user else "",
            language=language,
            subject=subject,
            body=body,
            url=settings.SITE_URL + reverse("accounts:security") if url is None else url,
            category=category_of(kind),
            person_id=user.pk if user else None,
        )
    )


def of_the_library(prefix: str, to: str, context: Mapping[str, Any]) -> EmailMultiAlternatives:
    """`account/email/password_changed` is our kind `password_changed`."""
    kind = prefix.rsplit("/", 1)[-1]
    url = context.get("password_reset_url") or context.get("activate_url")
    if kind == "unknown_account":
        url = settings.SITE_URL + reverse("account_login")
    user = context.get("user") or User.objects.filter(email__iexact=to).first()
    facts = {**context, "email": to, "minutes": settings.PASSWORD_RESET_TIMEOUT // 60}
    return at_once(kind, to, facts, user=user, url=url)


def to_former_mailbox(user: User, old: str, new: str) -> EmailMultiAlternatives:
    mailbox = f"mailto:{settings.OPERATOR_CONTACT['mail']}"
    return at_once("identity_old_mailbox", old, {"old": old, "new": new}, user=user, url=mailbox)
