"""Writing and draining notices.

Rows are written in the act's own transaction under a unique key; e-mail is drained from them later, so no mail is sent inside a lock
and none is lost when a worker dies: the unsent row stays.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from inservice import clock
from notices.models import Notice

BATCH = 200


class Person(Protocol):
    """What a notice wants to know of its reader; `accounts.User` is one."""

    pk: Any
    language: Any


@dataclass(frozen=True)
class Letter:
    """One notice to be written.

    `kind` names the folder `templates/emails/<kind>/` (subject.txt, body.txt); `about` the object (`course:123`); `due` the day that
    makes the notice unique: the same kind about the same object reaches a person once for each due day.
    """

    kind: str
    to: Person
    about: str
    due: date
    path: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    sent_by: str = ""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.to.pk}:{self.about}:{self.due.isoformat()}"


def write(letters: Iterable[Letter]) -> int:
    """Write the notices that are not there yet; answers how many were new. Two statements, however many letters."""
    rows = {letter.key: letter for letter in letters}
    if not rows:
        return 0
    known = set(Notice.objects.filter(key__in=rows).values_list("key", flat=True))
    texts: dict[object, tuple[str, str]] = {}
    fresh = [_row(letter, texts) for key, letter in rows.items() if key not in known]
    # A rival that wrote the same key meanwhile wins silently: the unique key decides.
    Notice.objects.bulk_create(fresh, batch_size=500, ignore_conflicts=True)
    return len(fresh)


def _row(letter: Letter, texts: dict[object, tuple[str, str]]) -> Notice:
    """`texts` holds what was rendered already: hundreds of people are told the same words."""
    same = (letter.kind, letter.to.language, letter.path, letter.sent_by, *sorted(letter.context.items()))
    try:
        subject, body = texts.get(same) or texts.setdefault(same, _text(letter))
    except TypeError:  # a context with lists in it
        subject, body = _text(letter)
    return Notice(
        key=letter.key,
        kind=letter.kind,
        recipient_id=letter.to.pk,
        subject=subject,
        body=body,
        path=letter.path,
        object_ref=letter.about,
        sent_by=letter.sent_by[:200],
        created_at=clock.now(),
    )


def _text(letter: Letter) -> tuple[str, str]:
    context = {**letter.context, "url": settings.SITE_URL + letter.path, "sent_by": letter.sent_by}
    with translation.override(letter.to.language or settings.LANGUAGE_CODE):
        subject = render_to_string(f"emails/{letter.kind}/subject.txt", context)
        body = render_to_string(f"emails/{letter.kind}/body.txt", context)
    return " ".join(subject.split())[:200], body.strip()


def drain(limit: int = BATCH) -> dict[str, int]:
    """Send what is unsent, oldest first. A row is claimed before its mail leaves.

    A crash between claim and sending costs that row one of its five attempts, never the notice; a crash after sending and before
    the mark may send one mail twice.
    """
    counts = {"sent": 0, "failed": 0}
    waiting = Notice.objects.unsent().select_related("recipient").order_by("created_at", "id")[:limit]
    if not waiting:
        return counts
    connection = get_connection()
    for notice in waiting:
        claimed = Notice.objects.filter(pk=notice.pk, mailed_at=None, attempts=notice.attempts).update(
            attempts=notice.attempts + 1
        )
        if claimed:
            counts["sent" if _send(notice, connection) else "failed"] += 1
    return counts


def _send(notice: Notice, connection: Any) -> bool:
    if not notice.recipient.email:
        Notice.objects.filter(pk=notice.pk).update(by_mail=False)
        return False
    try:
        _mail(notice, connection).send()
    except Exception as error:  # noqa: BLE001 - whatever the mail server says, the row keeps it and the next one is tried
        Notice.objects.filter(pk=notice.pk).update(last_error=str(error)[:300])
        return False
    Notice.objects.filter(pk=notice.pk).update(mailed_at=clock.now(), last_error="")
    return True


def _mail(notice: Notice, connection: Any) -> EmailMultiAlternatives:
    context = {
        "notice": notice,
        "url": settings.SITE_URL + notice.path,
        "operator_contact": settings.OPERATOR_CONTACT,
    }
    with translation.override(notice.recipient.language or settings.LANGUAGE_CODE):
        text = render_to_string("emails/layout.txt", context)
        html = render_to_string("emails/layout.html", context)
    mail = EmailMultiAlternatives(notice.subject, text, to=[notice.recipient.email], connection=connection)
    mail.attach_alternative(html, "text/html")
    return mail


@transaction.atomic
def mark_read(*, user_id: int, pk: int | None = None) -> int:
    """Mark one notice, or all, of a person as read; answers how many changed."""
    rows = Notice.objects.for_person(user_id).unread()
    return rows.filter(**({"pk": pk} if pk else {})).update(read_at=clock.now())
