"""Writing and draining notices.

Rows are written in the act's own transaction under a unique key; e-mail is drained from them later, so no mail is sent inside a lock
and none is lost when a worker dies: the unsent row stays.
"""

import logging
import time
import uuid
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F
from django.utils import translation

from inservice import clock
from notices.kinds import category_of
from notices.mail import Mail, message, written
from notices.models import Notice
from notices.wishes import who_does_without

logger = logging.getLogger(__name__)
BATCH = 100
# How long a claim holds, and after which part of it (seconds) a slow mail server ends the batch: the rest is given back in time.
LEASE = timedelta(minutes=15)
ENOUGH = 300
# How long a row waits after its first, second, … failure: a busy mail server (greylisting) wants minutes.
PAUSES = (1, 5, 20, 60)


class Person(Protocol):
    """What a notice wants to know of its reader; `accounts.User` is one."""

    pk: Any
    language: Any


@dataclass(frozen=True)
class Letter:
    """One notice to be written.

    `kind` names the folder `templates/emails/<kind>/` and its row in `notices.kinds`; `about` the object (`course:123`); `due` the day
    that makes the notice unique: the same kind about the same object reaches a person once for each due day. `category` overrides
    that of the kind where the reader's office makes it a duty.
    """

    kind: str
    to: Person
    about: str
    due: date
    path: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    sent_by: str = ""
    category: str = ""
    by_mail: bool = True

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.to.pk}:{self.about}:{self.due.isoformat()}"

    @property
    def subject_matter(self) -> str:
        return self.category or category_of(self.kind)


def write(letters: Iterable[Letter]) -> int:
    """Write the notices that are not there yet; answers how many were new. Three statements, however many letters."""
    rows = {letter.key: letter for letter in letters}
    if not rows:
        return 0
    known = set(Notice.objects.filter(key__in=rows).values_list("key", flat=True))
    new = [letter for key, letter in rows.items() if key not in known]
    without = who_does_without(letter.to.pk for letter in new)
    texts: dict[object, tuple[str, str]] = {}
    fresh = [_row(letter, (letter.to.pk, letter.subject_matter) not in without, texts) for letter in new]
    # A rival that wrote the same key meanwhile wins silently: the unique key decides.
    Notice.objects.bulk_create(fresh, batch_size=500, ignore_conflicts=True)
    return len(fresh)


def _row(letter: Letter, by_mail: bool, texts: dict[object, tuple[str, str]]) -> Notice:
    """`texts` holds what was rendered already: hundreds of people are told the same words."""
    same = (letter.kind, letter.to.language, letter.path, letter.sent_by, *sorted(letter.context.items()))
    try:
        subject, body = texts.get(same) or texts.setdefault(same, _text(letter))
    except TypeError:  # a context with lists in it
        subject, body = _text(letter)
    return Notice(
        key=letter.key,
        kind=letter.kind,
        category=letter.subject_matter,
        recipient_id=letter.to.pk,
        subject=subject,
        body=body,
        path=letter.path,
        object_ref=letter.about,
        sent_by=letter.sent_by[:200],
        created_at=clock.now(),
        by_mail=by_mail and letter.by_mail,
    )


def _text(letter: Letter) -> tuple[str, str]:
    context = {**letter.context, "url": settings.SITE_URL + letter.path, "sent_by": letter.sent_by}
    with translation.override(letter.to.language or settings.LANGUAGE_CODE):
        return written(letter.kind, context)


def drain_all(seconds: float = 50) -> dict[str, int]:
    """Send until nothing waits, the mail server does not answer, or the time is over (it is looked at between batches)."""
    total, began = {"sent": 0, "failed": 0}, time.monotonic()
    with closing(get_connection()) as connection, suppress(Unreachable):
        while time.monotonic() - began < seconds:
            counts = _drain_batch(connection, BATCH)
            if not any(counts.values()):
                break
            total = {name: total[name] + counts[name] for name in total}
    return total


def drain(limit: int = BATCH) -> dict[str, int]:
    """Send one batch of what waits, oldest first, over one connection.

    The batch is claimed in one statement and marked in one after sending. A crash in between loses no notice: the claim runs out and the
    rows are sent again, so that at most this one batch is mailed twice (with the same Message-ID). It costs each row of the batch one of
    its five attempts. A mail server that cannot be reached costs none.
    """
    with closing(get_connection()) as connection, suppress(Unreachable):
        return _drain_batch(connection, limit)
    return {"sent": 0, "failed": 0}


class Unreachable(Exception):
    """No connection to the mail server: nobody's letter is at fault."""


def _drain_batch(connection: BaseEmailBackend, limit: int) -> dict[str, int]:
    mine, began = _claim(limit), time.monotonic()
    sent: list[int] = []
    failed: dict[int, str] = {}
    try:
        for notice in mine:
            if time.monotonic() - began > ENOUGH:
                break
            _connect(connection)
            if error := _send(notice, connection):
                failed[notice.pk] = error
            else:
                sent.append(notice.pk)
    finally:
        # Also when the worker is told to stop in the middle: what has left is marked, the rest is given back.
        _mark(mine, sent, failed)
    return {"sent": len(sent), "failed": len(failed)}


def _claim(limit: int) -> list[Notice]:
    """Rows that are this worker's alone: of two that reach for the same row, the later sees it held and leaves it."""
    now, token = clock.now(), uuid.uuid4()
    _leave_out_people_without_address()
    waiting = list(Notice.objects.free(now).order_by("created_at", "id").values_list("pk", flat=True)[:limit])
    if not waiting:
        return []
    Notice.objects.free(now).filter(pk__in=waiting).update(
        claim=token, held_until=now + LEASE, attempts=F("attempts") + 1
    )
    return list(
        Notice.objects.filter(pk__in=waiting, claim=token)
        .select_related("recipient")
        .order_by("created_at", "id")
    )


def _leave_out_people_without_address() -> None:
    Notice.objects.unsent().filter(recipient__email="").update(by_mail=False)


def _connect(connection: BaseEmailBackend) -> None:
    """Raises Unreachable."""
    try:
        connection.open()
    except Exception as error:
        logger.warning("The mail server cannot be reached: %s", error)
        raise Unreachable from error


def _send(notice: Notice, connection: BaseEmailBackend) -> str:
    """Nothing, or what went wrong; after a fault the next letter gets a connection of its own."""
    try:
        _mail(notice, connection).send()
    except Exception as error:  # noqa: BLE001 - whatever the mail server says, the row keeps it and the next one is tried
        with suppress(Exception):
            connection.close()
        return str(error)[:300] or type(error).__name__
    return ""


def _mark(mine: list[Notice], sent: list[int], failed: dict[int, str]) -> None:
    """Sent, failed, and untouched rows: one statement each (failures: one a row, they are few)."""
    now, held = clock.now(), Notice.objects.filter(claim__in={notice.claim for notice in mine})
    if sent:
        held.filter(pk__in=sent).update(mailed_at=now, last_error="", claim=None, held_until=None)
    for notice in mine:
        if notice.pk in failed:
            pause = timedelta(minutes=PAUSES[min(notice.attempts, len(PAUSES)) - 1])
            held.filter(pk=notice.pk).update(last_error=failed[notice.pk], claim=None, held_until=now + pause)
    if rest := {notice.pk for notice in mine} - set(sent) - set(failed):
        held.filter(pk__in=rest).update(attempts=F("attempts") - 1, claim=None, held_until=None)


def _mail(notice: Notice, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    person = notice.recipient
    return message(
        Mail(
            kind=notice.kind,
            to=person.email,
            name=person.name,
            language=person.language,
            subject=notice.subject,
            body=notice.body,
            url=settings.SITE_URL + notice.path if notice.path else "",
            category=notice.category or category_of(notice.kind),
            person_id=person.pk,
            key=notice.key,
            thread=_thread(notice),
        ),
        connection,
    )


def _thread(notice: Notice) -> str:
    """The person and the thing (`course:12`, not its version): letters about one course stand together."""
    return f"{notice.recipient_id}:{':'.join(notice.object_ref.split(':')[:2])}"


@transaction.atomic
def mark_read(*, user_id: int, pk: int | None = None) -> int:
    """Mark one notice, or all, of a person as read; answers how many changed."""
    rows = Notice.objects.for_person(user_id).unread()
    return rows.filter(**({"pk": pk} if pk else {})).update(read_at=clock.now())
