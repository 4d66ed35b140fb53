"""What is owed to whom: one row is both the inbox entry and the outbox entry of its e-mail."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notices.enums import OPTIONAL, Category
from notices.readers import READERS


class NoticeQuerySet(models.QuerySet["Notice"]):
    def for_person(self, user_id: int) -> "NoticeQuerySet":
        """The inbox of a person, with the notices of all own records; mail that goes to a mailbox alone is not in it."""
        return self.filter(recipient_id__in=READERS.records_of(user_id), in_inbox=True)

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at=None)

    def unsent(self) -> "NoticeQuerySet":
        """Wanted by e-mail, not sent, not given up."""
        return self.filter(by_mail=True, mailed_at=None, given_up_at=None)

    def free(self, at: datetime) -> "NoticeQuerySet":
        """Unsent and available: neither claimed by a worker nor waiting for its next attempt."""
        return self.unsent().filter(Q(held_until=None) | Q(held_until__lte=at))

    def given_up(self) -> "NoticeQuerySet":
        """Mail that could not be delivered and waits for the operator."""
        return self.filter(by_mail=True, mailed_at=None, given_up_at__isnull=False)

    def named(self) -> set[tuple[int | None, str]]:
        """Return (reader, ref) of everything that the notices name, so that none of it is named to a person again."""
        return {(reader, ref) for reader, refs in self.values_list("recipient_id", "refs") for ref in refs}


class Notice(models.Model):
    """A notice to one person. `key` is (kind, person, object, event or day) in one text, unique, so that no notice is repeated."""

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=40)
    category = models.CharField(_("about"), max_length=20, blank=True, choices=Category.choices)
    # Null: a mailbox that belongs to no person ("no account has this e-mail").
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="notices"
    )
    # Where the mail goes if not to the person's present mailbox: the former one, or the one that is to be confirmed.
    address = models.EmailField(_("e-mail"), max_length=200, blank=True)
    in_inbox = models.BooleanField(_("in the inbox"), default=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    path = models.CharField(_("page"), max_length=300, blank=True)
    # The link of a mail that opens a door (a new password), sealed; forgotten when the mail has left.
    link = models.TextField(blank=True, editable=False)
    object_ref = models.CharField(max_length=80, blank=True, db_index=True)
    # Everything the text names, where that is more than one thing: the courses of a reminder.
    refs = models.JSONField(default=list, blank=True, editable=False)
    sent_by = models.CharField(_("sent by"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("when"))
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    by_mail = models.BooleanField(default=True)
    mailed_at = models.DateTimeField(_("e-mailed"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    # Since when the mail server has refused it, and when it was left to the operator (`notices.retries`).
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    given_up_at = models.DateTimeField(_("given up"), null=True, blank=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    # A worker's claim on the row, and until when it excludes others (`notices.outbox`).
    claim = models.UUIDField(null=True, blank=True, editable=False)
    held_until = models.DateTimeField(null=True, blank=True, editable=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="notices_inbox"),
            models.Index(
                fields=["created_at"], name="notices_outbox", condition=Q(by_mail=True, mailed_at=None)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(recipient__isnull=False) | (Q(in_inbox=False) & ~Q(address="")),
                name="notices_has_a_reader",
            ),
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.recipient_id,) if self.recipient_id else ()

    @property
    def object_number(self) -> int:
        """The primary key of what the notice is about: 7 of "course:7"."""
        return _number_of(self.object_ref)

    @property
    def first_number(self) -> int:
        """The primary key of the first thing that the text names (`refs`)."""
        return _number_of(self.refs[0])

    def __str__(self) -> str:
        return self.subject


def _number_of(ref: str) -> int:
    return int(ref.split(":")[1])


class NoticeSetting(models.Model):
    """A person's word on e-mail of one category. Without a row it is sent. The inbox always has every notice."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notice_settings")
    category = models.CharField(_("about"), max_length=20, choices=Category.choices)
    by_mail = models.BooleanField(_("by e-mail"))
    changed_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("setting of notices")
        verbose_name_plural = _("settings of notices")
        constraints = [
            models.UniqueConstraint(fields=["recipient", "category"], name="notices_one_setting_a_category"),
            models.CheckConstraint(
                condition=Q(by_mail=True) | Q(category__in=OPTIONAL), name="notices_only_optional_mail_is_off"
            ),
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.recipient_id,)

    def __str__(self) -> str:
        return f"{self.recipient_id} {self.category}"


class TimedRun(models.Model):
    """A day's time-driven notices of one kind (`notices.timed`): how far they are prepared, and how many were written."""

    kind = models.CharField(_("kind"), max_length=40)
    day = models.DateField(pgettext_lazy("date", "day"))
    # The number at which the next batch begins.
    cursor = models.BigIntegerField(default=0)
    told = models.PositiveIntegerField(default=0)
    # The class of the last failure; empty once a batch has been written again.
    error = models.CharField(max_length=100, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("run of time-driven notices")
        verbose_name_plural = _("runs of time-driven notices")
        ordering = ["-day", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "day"], name="notices_one_run_a_kind_and_day"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.day}"
