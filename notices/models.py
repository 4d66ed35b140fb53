"""What is owed to whom: one row is both the inbox entry and the outbox entry of its e-mail."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class NoticeQuerySet(models.QuerySet["Notice"]):
    def for_person(self, user_id: int) -> "NoticeQuerySet":
        return self.filter(recipient_id=user_id)

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at=None)

    def unsent(self) -> "NoticeQuerySet":
        """Wanted by e-mail, not sent, not given up (five attempts)."""
        return self.filter(by_mail=True, mailed_at=None, attempts__lt=Notice.MAX_ATTEMPTS)


class Notice(models.Model):
    """A notice to one person. `key` is (kind, person, object, due date) in one text, unique: nobody is told twice."""

    MAX_ATTEMPTS = 5

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=40)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="notices")
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    path = models.CharField(_("page"), max_length=300, blank=True)
    object_ref = models.CharField(max_length=80, blank=True, db_index=True)
    sent_by = models.CharField(_("sent by"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("when"))
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    by_mail = models.BooleanField(default=True)
    mailed_at = models.DateTimeField(_("e-mailed"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="notices_inbox"),
            models.Index(
                fields=["created_at"], name="notices_outbox", condition=Q(by_mail=True, mailed_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.subject
