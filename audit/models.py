"""The append-only record of every action. No foreign keys: a record outlives its object."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class EventKind(models.TextChoices):
    """What sort of event it is; each kind is sealed in its own chain and kept for its own time."""

    ACT = "act", _("act")
    READ = "read", _("look at another person's record")
    SECURITY = "security", _("log-in and security")


class AuditEvent(models.Model):
    """One action: who, under which hat, when (UTC), from where, what, on which object, before and after."""

    # Whom a new event concerns, until `audit.log` has written their rows.
    people: set[int]

    kind = models.CharField(_("kind"), max_length=8, choices=EventKind, default=EventKind.ACT)
    at = models.DateTimeField(_("when"), db_index=True)
    actor_id = models.BigIntegerField(_("person"), null=True, db_index=True)
    actor_label = models.CharField(_("name"), max_length=200, blank=True)
    hat = models.CharField(_("hat"), max_length=60, blank=True)
    action = models.CharField(_("act"), max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=60)
    object_label = models.CharField(max_length=300, blank=True)
    unit_id = models.BigIntegerField(null=True, db_index=True)
    reason = models.TextField(blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    request_id = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=45, blank=True)
    # The keyed hash that only the application can write, and the number of the block that seals the event (empty: not sealed yet).
    proof = models.CharField(max_length=64, blank=True, editable=False)
    block = models.PositiveBigIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        indexes = [
            models.Index(fields=["object_type", "object_id", "id"], name="audit_event_object"),
            models.Index(fields=["kind", "id"], name="audit_event_kind"),
            models.Index(fields=["kind", "id"], condition=models.Q(block=None), name="audit_event_unsealed"),
            models.Index(
                fields=["kind", "block"], condition=models.Q(block__isnull=False), name="audit_event_block"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_label} {self.action} {self.object_label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("An audit event is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("An audit event is never deleted.")


class AuditSubject(models.Model):
    """A person whom an event concerns: whose record was read or changed, beside the person who acted."""

    event = models.ForeignKey(AuditEvent, models.CASCADE, related_name="subjects")
    person_id = models.BigIntegerField()

    class Meta:
        verbose_name = _("person concerned")
        verbose_name_plural = _("people concerned")
        constraints = [
            models.UniqueConstraint(fields=["person_id", "event"], name="audit_subject_person_event")
        ]

    def __str__(self) -> str:
        return f"{self.event_id} ← {self.person_id}"


class AuditSeal(models.Model):
    """A sealed block of events of one kind. Each block's digest holds the one before it: a chain.

    `leaves` are the event numbers (8 bytes) with their keyed hashes (32 bytes); the key is outside the database.
    """

    chain = models.CharField(max_length=8, choices=EventKind)
    number = models.PositiveBigIntegerField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    last_at = models.DateTimeField()
    events = models.PositiveIntegerField(default=0)
    leaves = models.BinaryField()
    leaves_digest = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    # Set when the block's events have outlived their time and were removed; the seal itself stays.
    dropped_at = models.DateTimeField(null=True, blank=True)
    drop_proof = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("seal of a block")
        verbose_name_plural = _("seals of blocks")
        ordering = ["chain", "number"]
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="audit_seal_chain_number")]

    def __str__(self) -> str:
        return f"{self.chain} {self.number}"


class AuditChain(models.Model):
    """The head of one chain, under the key: how many blocks and events there must be, and how many were removed after their time."""

    kind = models.CharField(max_length=8, choices=EventKind, unique=True)
    blocks = models.PositiveBigIntegerField(default=0)
    events = models.PositiveBigIntegerField(default=0)
    dropped_blocks = models.PositiveBigIntegerField(default=0)
    dropped_events = models.PositiveBigIntegerField(default=0)
    last_digest = models.CharField(max_length=64, blank=True)
    proof = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("chain of seals")
        verbose_name_plural = _("chains of seals")
        ordering = ["kind"]

    def __str__(self) -> str:
        return f"{self.kind}: {self.blocks}"
