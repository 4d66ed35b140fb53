"""Mail that could not be delivered: the operator looks why, and has it sent again."""

from collections.abc import Collection

from django.db import transaction

from accounts.acting import Actor
from accounts.locks import lock_actor
from accounts.rules import require_operator
from audit import log
from kit import clock
from notices.models import Notice


@transaction.atomic
def send_again(*, by: Actor, ids: Collection[int] | None = None) -> int:
    """Put mail that was given up back into the outbox, with as many days of attempts as new mail; `ids=None` is all of it.

    A link that has run out is worth nothing any more and stays listed. Return how many mails will be sent. Raise `OnlyOperatorMay`.
    """
    by = lock_actor(by)
    require_operator(by)
    now = clock.now()
    rows = Notice.objects.given_up().exclude(expires_at__lte=now)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    people = set(rows.exclude(recipient=None).values_list("recipient_id", flat=True))
    count = rows.update(given_up_at=None, failing_since=None, held_until=None, claim=None, attempts=0)
    if count:
        log.record(
            "mail.again",
            by.appointment,
            by=by,
            unit_id=by.unit_id,
            subjects=people,
            after={"mails": count},
        )
    return count
