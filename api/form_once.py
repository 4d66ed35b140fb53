"""Pages that are sent twice: the keys of their forms are kept beside the idempotency keys of programs, for as long."""

from collections.abc import Callable

from django.db import transaction

from api.idempotency import RETENTION
from api.locks import queue_form_key
from api.models import IdempotencyKey
from kit import clock
from kit.errors import Refusal

MADE = 201


def make_once(*, caller: int, mark: str, make: Callable[[], int], is_there: Callable[[int], bool]) -> int:
    """Return the primary key of what the request makes, or what the same one has made. Raise what `make` raises."""
    found = _made_or_refused(caller, mark, make, is_there)
    if isinstance(found, Refusal):
        raise found
    return found


@transaction.atomic
def _made_or_refused(
    caller: int, mark: str, make: Callable[[], int], is_there: Callable[[int], bool]
) -> int | Refusal:
    """Return a refusal instead of raising it, so that what the act keeps of a refused try is saved."""
    queue_form_key(caller, mark)
    now = clock.now()
    kept = IdempotencyKey.objects.filter(caller=caller, key_hash=mark)
    before = kept.filter(created_at__gt=now - RETENTION).first()
    if before and is_there(int(before.answer)):
        return int(before.answer)
    try:
        made = make()
    except Refusal as refusal:
        return refusal
    kept.delete()
    IdempotencyKey.objects.create(
        caller=caller, key_hash=mark, request_digest=mark, status=MADE, answer=str(made), created_at=now
    )
    return made
