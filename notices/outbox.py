"""The outbox: rows that `notices.writer` put there are drained as e-mail, apart from the acts that wrote them.

No mail is sent inside a lock and none is lost when a worker dies: the unsent row stays. What the mail server refuses is tried again for
days and then listed for the operator (`notices.retries`).
"""

import logging
import time
import uuid
from collections.abc import Collection, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, Q

from kit import clock
from kit.texts import NO_MAILBOX
from notices import attachments, outdated, replies, retries
from notices.mail import Mail, message
from notices.mail_preferences import who_does_without, who_gets_none
from notices.models import Notice
from notices.quiet_hours import resting_kinds
from notices.readers import READERS
from notices.registry import category_of
from notices.writer import (
    MailboxMail,
    NewNotice,
    Person,
    Texts,
    link_of,
    text_of,
    write,
    write_event,
    write_mailbox_mail,
    write_mailbox_mails,
    write_rows,
)

__all__ = [
    "NewNotice",
    "MailboxMail",
    "Person",
    "Texts",
    "drain",
    "drain_all",
    "forget_old",
    "mark_read",
    "send_now",
    "text_of",
    "write",
    "write_event",
    "write_mailbox_mail",
    "write_mailbox_mails",
    "write_rows",
]

logger = logging.getLogger(__name__)
BATCH = 100
# How long a claim holds, and after which part of it (seconds) a slow mail server ends the batch: the rest is given back in time.
LEASE = timedelta(minutes=15)
ENOUGH = 300
# A mail that a person waits for at the screen is tried at once, for at most so many seconds, unless the server was away just now.
AT_ONCE_SECONDS = 5
MAILBOX_MAIL_RETENTION = timedelta(days=30)
DOWN, DOWN_SECONDS = "notices.mail-server-is-away", 60


@dataclass(frozen=True)
class Failure:
    sentence: str
    permanent: bool = False


def drain_all(seconds: float | None = None) -> dict[str, int]:
    """Send until the queue is empty, the mail server fails, or the time is over (checked after each mail)."""
    until = time.monotonic() + (settings.OUTBOX_SECONDS if seconds is None else seconds)
    total = {"sent": 0, "failed": 0}
    with closing(get_connection()) as connection, suppress(Unreachable):
        while time.monotonic() < until:
            counts = _drain_batch(connection, BATCH, until)
            if not any(counts.values()):
                break
            total = {name: total[name] + counts[name] for name in total}
    return total


def drain(limit: int = BATCH) -> dict[str, int]:
    """Send one batch of what waits, oldest first, over one connection.

    The batch is claimed in one statement and marked in one after sending. A crash in between loses no notice: the claim runs out and the
    rows are sent again, so that at most this one batch is mailed twice (with the same Message-ID). A mail server that cannot be reached
    costs no attempt.
    """
    with closing(get_connection()) as connection, suppress(Unreachable):
        return _drain_batch(connection, limit, time.monotonic() + ENOUGH)
    return {"sent": 0, "failed": 0}


def send_now(notice: Notice) -> bool:
    """Try one mail at once, so that a reset link does not wait for a worker; any failure leaves it to the drain.

    Call it outside of locks. Return whether it was sent.
    """
    if cache.get(DOWN):
        return False
    began, counts = time.monotonic(), {"sent": 0}
    with closing(get_connection(timeout=AT_ONCE_SECONDS)) as connection, suppress(Unreachable):
        counts = _send_batch(_claim_rows([notice.pk]), connection, time.monotonic() + ENOUGH)
    if not counts["sent"] and ("failed" not in counts or time.monotonic() - began >= AT_ONCE_SECONDS):
        cache.set(DOWN, True, DOWN_SECONDS)
    return bool(counts["sent"])


class Unreachable(Exception):
    """No connection to the mail server: the fault is in no single mail."""


def _drain_batch(connection: BaseEmailBackend, limit: int, until: float) -> dict[str, int]:
    return _send_batch(_claim(limit), connection, until)


def _send_batch(mine: list[Notice], connection: BaseEmailBackend, until: float) -> dict[str, int]:
    sent: list[int] = []
    failed: dict[int, Failure] = {}
    behind = READERS.behind([notice.recipient for notice in mine if notice.recipient])
    pointless = _unwanted(mine, behind)
    pointless |= outdated.settle([notice for notice in mine if notice.pk not in pointless])
    _leave_out(pointless)
    mine = [notice for notice in mine if notice.pk not in pointless]
    files, answers = attachments.files_of(mine), replies.addresses_of(mine)
    try:
        for notice in mine:
            if time.monotonic() > until:
                break
            _connect(connection)
            reader = behind.get(notice.recipient_id or 0, notice.recipient)
            file, answer = files.get(notice.pk), answers.get(notice.pk, "")
            if error := _send(notice, reader, connection, file, answer):
                failed[notice.pk] = error
            else:
                sent.append(notice.pk)
    finally:
        # Also when the worker is stopped in the middle: mail that was sent is marked, the rest is released.
        _mark(mine, sent, failed)
    return {"sent": len(sent), "failed": len(failed)}


def _claim(limit: int) -> list[Notice]:
    """Rows that are this worker's alone: of two that reach for the same row, the later sees it held and leaves it."""
    now = clock.now()
    _set_aside()
    rows = Notice.objects.free(now)
    if resting := resting_kinds(now):
        rows = rows.exclude(kind__in=resting)
    waiting = list(rows.order_by("created_at", "id").values_list("pk", flat=True)[:limit])
    return _claim_rows(waiting)


def _claim_rows(waiting: Collection[int]) -> list[Notice]:
    now, token = clock.now(), uuid.uuid4()
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


def _set_aside() -> None:
    """People without an address, or with one that can receive nothing, get no mail; a link that has run out is not sent, but listed."""
    now = clock.now()
    nowhere = Q(recipient__email="") | Q(recipient__email__endswith=NO_MAILBOX)
    rows = Notice.objects.unsent().filter(nowhere, address="")
    rows.exclude(recipient__in=READERS.redirected()).update(by_mail=False)
    Notice.objects.unsent().filter(expires_at__lte=now).update(given_up_at=now, link="")


def _unwanted(mine: list[Notice], behind: Mapping[int, Person]) -> set[int]:
    """Return the notices whose reader has switched such e-mail off, or gets none at all."""
    who = {pk: behind[pk].pk if pk in behind else pk for n in mine if (pk := n.recipient_id)}
    readers = set(who.values())
    without, none = who_does_without(readers), who_gets_none(readers)
    return {
        notice.pk
        for notice in mine
        if (reader := who.get(notice.recipient_id or 0)) in none or (reader, notice.category) in without
    }


def _leave_out(pointless: Collection[int]) -> None:
    if pointless:
        Notice.objects.filter(pk__in=pointless).update(by_mail=False, claim=None, held_until=None)


def _connect(connection: BaseEmailBackend) -> None:
    """Raise `Unreachable`."""
    try:
        connection.open()
    except Exception as error:
        logger.warning("The mail server cannot be reached: %s", error)
        raise Unreachable from error


def _send(
    notice: Notice,
    reader: Any,
    connection: BaseEmailBackend,
    file: attachments.File | None = None,
    reply_to: str = "",
) -> Failure | None:
    """Nothing, or what went wrong; after a fault the next mail gets a connection of its own. Raise `Unreachable`."""
    try:
        email = _mail(notice, reader, connection)
        if file:
            email.attach(file.name, file.content, file.media_type)
        if reply_to:
            email.reply_to = [reply_to]
        email.send()
    except Exception as error:  # noqa: BLE001 - whatever the mail server replies, the row keeps it and the next one is tried
        with suppress(Exception):
            connection.close()
        if retries.is_unreachable(error):
            logger.warning("The mail server cannot be reached: %s", error)
            raise Unreachable from error
        return Failure(retries.sentence(error), retries.is_permanent(error))
    return None


def _mark(mine: list[Notice], sent: list[int], failed: dict[int, Failure]) -> None:
    """Sent, failed, and untouched rows: one statement each (failures: one a row, they are few)."""
    now, held = clock.now(), Notice.objects.filter(claim__in={notice.claim for notice in mine})
    if sent:
        held.filter(pk__in=sent).update(
            mailed_at=now, last_error="", link="", failing_since=None, claim=None, held_until=None
        )
    for notice in mine:
        if failure := failed.get(notice.pk):
            since = notice.failing_since or now
            over = failure.permanent or retries.is_over(since, now)
            held.filter(pk=notice.pk).update(
                last_error=failure.sentence,
                failing_since=since,
                given_up_at=now if over else None,
                claim=None,
                held_until=now + retries.pause_after(notice.attempts),
            )
    if rest := {notice.pk for notice in mine} - set(sent) - set(failed):
        held.filter(pk__in=rest).update(attempts=F("attempts") - 1, claim=None, held_until=None)


def _mail(notice: Notice, person: Any, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    language = notice.language or (person.language if person else settings.LANGUAGE_CODE)
    return message(
        Mail(
            kind=notice.kind,
            to=notice.address or (person.email if person else ""),
            name=person.name if person else "",
            language=language,
            subject=notice.subject,
            body=notice.body,
            url=link_of(notice),
            category=notice.category or category_of(notice.kind),
            person_id=person.pk if person else None,
            key=notice.key,
            thread=_thread(notice),
        ),
        connection,
    )


def _thread(notice: Notice) -> str:
    """Return the person and the object (`course:12`, not its version): mails about one course share a thread."""
    if not notice.object_ref:
        return ""
    return f"{notice.recipient_id}:{':'.join(notice.object_ref.split(':')[:2])}"


def forget_old() -> int:
    """Delete mailbox mail that was sent, or whose link ran out, a month ago; also undelivered mail to unknown mailboxes,
    which any visitor may cause by requesting a password. Notices of an inbox stay, and people's undelivered mail stays
    listed.
    """
    before = clock.now() - MAILBOX_MAIL_RETENTION
    over = Q(mailed_at__lt=before) | Q(expires_at__lt=before) | Q(given_up_at__lt=before, recipient=None)
    return Notice.objects.filter(over, in_inbox=False).delete()[0]


@transaction.atomic
def mark_read(*, user_id: int, pk: int | None = None) -> int:
    """Mark one notice, or all, of a person as read; return how many changed."""
    rows = Notice.objects.for_person(user_id).unread()
    return rows.filter(**({"pk": pk} if pk else {})).update(read_at=clock.now())
