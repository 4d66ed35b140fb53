"""The log-in library's messages. They are in no inbox.

All go through the outbox and are sent at once, because a person waits for them; a mail server that is down does not affect the
page, and the mail is sent later.
"""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from allauth.account import app_settings
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from kit import clock
from notices import outbox
from notices.mail import Mail, message, written
from notices.models import Notice
from notices.outbox import MailboxMail
from notices.registry import category_of

# How long the link of a kind opens its door.
VALID = {
    "password_reset_key": timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT),
    "email_confirmation": timedelta(days=app_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS),
}


def library_mail(prefix: str, to: str, context: Mapping[str, Any]) -> MailboxMail:
    """A message of the log-in library: `account/email/password_changed` is our kind `password_changed`.

    In the person's language; without a person in that of the page.
    """
    kind = prefix.rsplit("/", 1)[-1]
    url = context.get("password_reset_url") or context.get("activate_url")
    if kind == "unknown_account":
        url = settings.SITE_URL + reverse("account_login")
    user = context.get("user") or User.objects.filter(email__iexact=to).first()
    return MailboxMail(
        kind=kind,
        address=to,
        event=uuid.uuid4(),
        language=user.language if user else translation.get_language() or settings.LANGUAGE_CODE,
        context={**context, "email": to, "minutes": settings.PASSWORD_RESET_TIMEOUT // 60},
        person_id=user.pk if user else None,
        link=url or settings.SITE_URL + reverse("signin:security"),
        expires_at=clock.now() + VALID[kind] if kind in VALID else None,
    )


def send_library_mail(prefix: str, to: str, context: Mapping[str, Any]) -> Notice:
    """Put a message of the log-in library into the outbox and try it at once."""
    notice = outbox.write_mailbox_mail(library_mail(prefix, to, context))
    outbox.send_now(notice)
    return notice


def of_the_library(prefix: str, to: str, context: Mapping[str, Any]) -> EmailMultiAlternatives:
    """The message as it would be sent, for `AccountAdapter.render_mail`."""
    mail = library_mail(prefix, to, context)
    with translation.override(mail.language):
        subject, body = written(mail.kind, dict(mail.context))
    person = User.objects.filter(pk=mail.person_id).first() if mail.person_id else None
    return message(
        Mail(
            kind=mail.kind,
            to=to,
            name=person.name if person else "",
            language=mail.language,
            subject=subject,
            body=body,
            url=mail.link,
            category=category_of(mail.kind),
            person_id=mail.person_id,
        )
    )
