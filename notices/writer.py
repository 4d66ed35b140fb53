"""Writing notices: rows of the act's own transaction under a unique key. No mail leaves here (`notices.outbox` drains it)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, Protocol

from django.conf import settings
from django.db import connection, models
from django.utils import translation

from kit import clock
from kit.batches import batches
from notices import sealing
from notices.mail import written
from notices.mail_preferences import who_does_without
from notices.models import Notice
from notices.readers import READERS
from notices.registry import category_of

LINK = "link"
ROWS_AT_ONCE = 500


class Person(Protocol):
    """What a notice has to know of its reader."""

    pk: Any
    language: Any


@dataclass(frozen=True)
class NewNotice:
    """One notice to be written.

    `kind` names the folder `templates/emails/<kind>/` and its row in `notices.registry`; `about` the object (`course:123`).
    Exactly one of two fields makes it unique:

    * `event`: the identity of what happened (the audit event of a decision, a ledger row, a version). Two events are two notices.
    * `day`: only for reminders and warnings, which reach a person at most once a day (or once for each due day).

    `refs` are all objects that the text names, where that is more than `about`. `address` is a mailbox that the mail goes to instead of
    the reader's present one. `category` overrides that of the kind where the
    reader's office makes it a duty.
    """

    kind: str
    to: Person
    about: str
    day: date | None = None
    path: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    sent_by: str = ""
    category: str = ""
    by_mail: bool = True
    event: object = field(default=None, kw_only=True)
    refs: Sequence[str] = field(default=(), kw_only=True)
    address: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        if (self.event is None) == (self.day is None):
            raise ValueError("A notice has an event, or a day if it is a reminder.")

    @property
    def key(self) -> str:
        what = self.day.isoformat() if self.day else f"event:{self.event}"
        return f"{self.kind}:{self.to.pk}:{self.about}:{what}"

    @property
    def subject_matter(self) -> str:
        return self.category or category_of(self.kind)


@dataclass(frozen=True)
class MailboxMail:
    """A mail to one mailbox that is in no inbox: of the log-in library, or to a person's former mailbox.

    `link` replaces the page of the kind and is kept sealed until the mail has left; after `expires_at` it is worth nothing.
    """

    kind: str
    address: str
    event: object
    language: str
    context: Mapping[str, Any]
    person_id: int | None = None
    link: str = ""
    expires_at: datetime | None = None


def write(notices: Iterable[NewNotice]) -> int:
    """Write the notices that are not there yet; return how many rows were really written."""
    return len(write_rows(notices))


def write_event(notice: NewNotice) -> None:
    """Write the notice of one act in one statement, for acts that thousands of people do at once.

    Its text is cached by everything that it depends on. Whether the person wants such e-mail is looked up when it leaves.
    """
    subject, body = _cached_text(
        notice.kind, notice.to.language, notice.path, notice.sent_by, tuple(sorted(notice.context.items()))
    )
    _insert_piece([_notice(notice, subject, body, by_mail=notice.by_mail)])


@lru_cache(maxsize=2000)
def _cached_text(
    kind: str, language: str, path: str, sent_by: str, context: tuple[tuple[str, Any], ...]
) -> tuple[str, str]:
    return _text(kind, language, path, sent_by, dict(context))


def write_rows(notices: Iterable[NewNotice]) -> list[Notice]:
    """Do as `write`, and return the rows that were written: every count of notified people uses these. Three statements,
    however many notices.
    """
    rows = {notice.key: notice for notice in notices}
    if not rows:
        return []
    known = _known(rows)
    new = [notice for key, notice in sorted(rows.items()) if key not in known]
    behind = READERS.behind([notice.to for notice in new])
    readers = {notice.key: behind.get(notice.to.pk, notice.to).pk for notice in new}
    without = who_does_without(readers.values())
    texts = Texts()
    return _insert([_row(one, (readers[one.key], one.subject_matter) not in without, texts) for one in new])


def _known(keys: Iterable[str]) -> set[str]:
    return set(Notice.objects.filter(key__in=list(keys)).values_list("key", flat=True))


def _insert(fresh: Sequence[Notice]) -> list[Notice]:
    """Insert the rows and return those that are ours: a concurrent insert of the same key wins.

    One statement for five hundred rows. `bulk_create(ignore_conflicts=True)` does not return which rows it wrote.
    """
    ours: dict[str, int] = {}
    for piece in batches(fresh, ROWS_AT_ONCE):
        ours |= _insert_piece(piece)
    written_rows = [row for row in fresh if row.key in ours]
    for row in written_rows:
        row.pk = ours[row.key]
    return written_rows


def _insert_piece(rows: Sequence[Notice]) -> dict[str, int]:
    """Key and number of each row that was written."""
    with connection.cursor() as cursor:
        cursor.execute(_insert_statement(len(rows)), [value for row in rows for value in _values(row)])
        return dict(cursor.fetchall())


@lru_cache(maxsize=8)
def _insert_statement(number: int) -> str:
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in _fields())
    marks = ", ".join([f"({', '.join(['%s'] * len(_fields()))})"] * number)
    return (
        f"INSERT INTO {Notice._meta.db_table} ({columns}) VALUES {marks} "  # noqa: S608 - names of our own columns
        "ON CONFLICT (key) DO NOTHING RETURNING key, id"
    )


@cache
def _fields() -> list["models.Field[Any, Any]"]:
    return [field for field in Notice._meta.concrete_fields if not field.primary_key]


def _values(row: Notice) -> Iterator[Any]:
    """Yield the value of each column. Texts, numbers and truth values are stored as they are; the others each database has its way for."""
    for column in _fields():
        value = getattr(row, column.attname)
        is_plain = value is None or isinstance(value, (str, int))
        yield value if is_plain else column.get_db_prep_save(value, connection)


def _row(notice: NewNotice, by_mail: bool, texts: "Texts") -> Notice:
    subject, body = texts.of(notice)
    return _notice(notice, subject, body, by_mail=by_mail and notice.by_mail)


class Texts:
    """The texts of a batch: hundreds of people get the same words, which are rendered once."""

    def __init__(self) -> None:
        self._rendered: dict[object, tuple[str, str]] = {}

    def of(self, notice: NewNotice) -> tuple[str, str]:
        """Return subject and body of a notice, as `text_of` does."""
        same = (
            notice.kind,
            notice.to.language,
            notice.path,
            notice.sent_by,
            *sorted(notice.context.items()),
        )
        try:
            return self._rendered.get(same) or self._rendered.setdefault(same, text_of(notice))
        except TypeError:  # a context with lists in it
            return text_of(notice)


def _notice(notice: NewNotice, subject: str, body: str, *, by_mail: bool) -> Notice:
    return Notice(
        key=notice.key,
        kind=notice.kind,
        category=notice.subject_matter,
        recipient_id=notice.to.pk,
        address=notice.address,
        # That of the text: the person may choose another one before the mail leaves.
        language=notice.to.language,
        subject=subject,
        body=body,
        path=notice.path,
        object_ref=notice.about,
        refs=list(notice.refs),
        sent_by=notice.sent_by[:200],
        created_at=clock.now(),
        by_mail=by_mail,
    )


def text_of(notice: NewNotice) -> tuple[str, str]:
    """Subject and body in the reader's language; lazy texts of the context are translated here, not where the act happened."""
    return _text(notice.kind, notice.to.language, notice.path, notice.sent_by, notice.context)


def _text(kind: str, language: str, path: str, sent_by: str, context: Mapping[str, Any]) -> tuple[str, str]:
    full = {**context, "url": settings.SITE_URL + path, "sent_by": sent_by}
    with translation.override(language or settings.LANGUAGE_CODE):
        return written(kind, full)


def write_mailbox_mail(mail: MailboxMail) -> Notice:
    """Put a mail to one mailbox into the outbox."""
    return write_mailbox_mails([mail])[0]


def write_mailbox_mails(mails: Iterable[MailboxMail]) -> list[Notice]:
    """Put mails to mailboxes into the outbox, in one statement for five hundred."""
    return Notice.objects.bulk_create([_mailbox_row(mail) for mail in mails], batch_size=ROWS_AT_ONCE)


def _mailbox_row(mail: MailboxMail) -> Notice:
    with translation.override(mail.language):
        subject, body = written(mail.kind, dict(mail.context))
    return Notice(
        key=f"{mail.kind}:mailbox:{mail.event}",
        kind=mail.kind,
        category=category_of(mail.kind),
        recipient_id=mail.person_id,
        address=mail.address,
        in_inbox=False,
        language=mail.language,
        subject=subject,
        body=body,
        link=sealing.seal(LINK, mail.link) if mail.link else "",
        created_at=clock.now(),
        expires_at=mail.expires_at,
    )


def link_of(notice: Notice) -> str:
    """The address that the mail's button opens; nothing when a sealed link can no longer be read."""
    if not notice.link:
        return settings.SITE_URL + notice.path if notice.path else ""
    try:
        return sealing.unseal(LINK, notice.link)
    except sealing.BadSeal:
        return ""
