"""What the API remembers of requests."""

from django.db import models
from django.db.models import Q


class IdempotencyKey(models.Model):
    """An action that was done under a key of the caller, with its response: repeating the request returns the same response.

    Without foreign keys: the row is written last, and must not lock a person behind a course. The response may hold personal
    data, so that a row is kept for a day only (`api.idempotency.RETENTION`).
    """

    caller = models.BigIntegerField(editable=False)  # the person's primary key
    key_hash = models.CharField(max_length=64, editable=False)
    request_digest = models.CharField(max_length=64, editable=False)
    status = models.SmallIntegerField(editable=False)
    answer = models.TextField(editable=False)  # JSON, with its members in their order
    created_at = models.DateTimeField(db_index=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["caller", "key_hash"], name="api_idempotency_key_once"),
            models.CheckConstraint(
                condition=Q(status__gte=200, status__lt=300), name="api_idempotency_key_of_an_act"
            ),
        ]

    def __str__(self) -> str:
        return self.key_hash[:8]
