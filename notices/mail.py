"""One e-mail: its text and its HTML twin in the reader's language, and the headers that mail programs look at."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from notices.enums import Category
from notices.mail_preferences import unsubscribe_url
from notices.registry import CATEGORIES, KINDS

LONGEST_SUBJECT = 60
# Styles of the HTML e-mail that are too long for a line of its template. They are on the elements, since mail programs ignore
# style sheets.
STYLES = {
    "sheet": "max-width: 600px; background-color: #ffffff; border: 1px solid #d8e1e5; border-radius: 10px;"
    " font-family: system-ui, -apple-system, 'Segoe UI', 'PingFang TC', 'Microsoft JhengHei', 'Noto Sans TC',"
    " 'Noto Sans CJK TC', sans-serif",
    "head": "background-color: #084556; border-radius: 9px 9px 0 0; padding: 14px 24px; color: #ffffff;"
    " font-size: 15px; font-weight: 700",
    "button": "display: inline-block; padding: 13px 26px; border: 1px solid #6cc3da; border-radius: 8px;"
    " background-color: #0b5c73; color: #ffffff; font-size: 16px; font-weight: 700; text-decoration: none",
    "foot": "padding: 16px 24px 22px; border-top: 1px solid #d8e1e5; color: #52626b; font-size: 13px;"
    " line-height: 1.7",
}


@dataclass(frozen=True)
class Mail:
    """The content of one e-mail. `key` and `thread` name it to mail programs: the same key, the same Message-ID."""

    kind: str
    to: str
    name: str
    language: str
    subject: str
    body: str
    url: str = ""
    category: str = ""
    person_id: int | None = None
    key: str = ""
    thread: str = ""

    @cached_property
    def way_out(self) -> str:
        """Return the link that switches such e-mails off; empty for those that must reach the person."""
        return unsubscribe_url(self.person_id, self.category) if self.person_id else ""


def written(kind: str, context: dict[str, Any]) -> tuple[str, str]:
    """Subject and text of a kind in the active language. A subject has at most 60 characters: long names in it are cut, not its end."""
    # A part that is left out leaves its blank lines behind.
    body = re.sub(r"\n{3,}", "\n\n", render_to_string(f"emails/{kind}/body.txt", context)).strip()
    for longest in (60, 30, 20, 12, 8):
        short = {name: _cut(value, longest) for name, value in context.items()}
        subject = " ".join(render_to_string(f"emails/{kind}/subject.txt", short).split())
        if len(subject) <= LONGEST_SUBJECT:
            break
    return _cut(subject, LONGEST_SUBJECT), body


def _cut(value: Any, longest: int) -> Any:
    return value[: longest - 1].rstrip() + "…" if isinstance(value, str) and len(value) > longest else value


def rendered(mail: Mail) -> tuple[str, str]:
    """The whole e-mail as text and as HTML."""
    with translation.override(mail.language or settings.LANGUAGE_CODE):
        context = _context(mail)
        return render_to_string("emails/layout.txt", context), render_to_string("emails/layout.html", context)


def message(mail: Mail, connection: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
    text, html = rendered(mail)
    email = EmailMultiAlternatives(
        mail.subject, text, to=[mail.to], connection=connection, headers=headers(mail)
    )
    email.attach_alternative(html, "text/html")
    return email


def headers(mail: Mail) -> dict[str, str]:
    """Return the headers: an e-mail sent twice after a crash has the same Message-ID; e-mails about one object share a
    thread; RFC 3834, RFC 8058.
    """
    said = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    if mail.key:
        said["Message-ID"] = _address("notice", mail.key)
    if mail.thread:
        said["References"] = said["In-Reply-To"] = _address("thread", mail.thread)
    if mail.way_out:
        said["List-Unsubscribe"] = f"<{mail.way_out}>"
        said["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return said


def _address(purpose: str, name: str) -> str:
    """Return an address of ours that discloses neither the person nor the object."""
    digest = salted_hmac(f"notices.{purpose}", name, algorithm="sha256").hexdigest()[:40]
    return f"<{purpose}.{digest}@{urlsplit(settings.SITE_URL).hostname}>"


def _context(mail: Mail) -> dict[str, Any]:
    kind = KINDS.get(mail.kind)
    about = CATEGORIES.get(cast(Category, mail.category))
    return {
        "mail": mail,
        "styles": STYLES,
        "site_name": settings.SITE_NAME,
        "act": kind.button if kind else _("Open the page"),
        "reason": about.reason if about else "",
        "paragraphs": [part for part in mail.body.split("\n\n") if part.strip()],
        "settings_url": settings.SITE_URL + reverse("notices:settings") if mail.person_id else "",
        "way_out": mail.way_out,
        "operator_contact": settings.OPERATOR_CONTACT,
    }
