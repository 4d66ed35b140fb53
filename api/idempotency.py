"""Actions that a program may safely repeat: `Idempotency-Key` names the request, and its response is stored with the action.

Only what was done is stored, in the transaction of the action. A refusal changed nothing, so that the request is simply tried
again; what the action keeps of a refused attempt (looked-up people) stays.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.actor import HEADER as HAT
from api.errors import IdempotencyKeyReused, RequestRunning
from api.locks import try_idempotency_key
from api.models import IdempotencyKey
from api.problems import InvalidHeader
from kit import clock
from kit.errors import Refusal

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
PATTERN = r"^[\x21-\x7e]{1,255}$"
RETENTION = timedelta(hours=24)


def respond_once(request: Request, act: Callable[[], Response]) -> Response:
    """Return the response of the action, or the stored one of the same request. Without a key the action runs each time.

    Raise InvalidHeader for an unreadable key, IdempotencyKeyReused for another request with it, RequestRunning while the same
    one runs, and what the action raises.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return act()
    if not re.match(PATTERN, key):
        sentence = _("A key has 1 to 255 visible ASCII characters, without spaces.")
        raise InvalidHeader({HEADER: [ErrorDetail(sentence, code="invalid")]})
    answer = _done_or_refused(request, hashlib.sha256(key.encode()).hexdigest(), act)
    if isinstance(answer, Refusal):
        raise answer
    return answer


@transaction.atomic
def _done_or_refused(request: Request, key_hash: str, act: Callable[[], Response]) -> Response | Refusal:
    """Return a refusal instead of raising it, so that what the act keeps of a refused try is saved."""
    caller, digest, now = int(request.user.pk or 0), _digest(request), clock.now()
    if not try_idempotency_key(caller, key_hash):
        return RequestRunning()
    kept = IdempotencyKey.objects.filter(caller=caller, key_hash=key_hash)
    kept.filter(created_at__lte=now - RETENTION).delete()
    if before := kept.first():
        if before.request_digest != digest:
            return IdempotencyKeyReused()
        return Response(json.loads(before.answer), status=before.status, headers={REPLAYED: "true"})
    try:
        answer = act()
    except Refusal as refusal:
        return refusal
    IdempotencyKey.objects.create(
        caller=caller,
        key_hash=key_hash,
        request_digest=digest,
        status=answer.status_code,
        answer=JSONRenderer().render(answer.data).decode(),
        created_at=now,
    )
    return answer


def _digest(request: Request) -> str:
    """Return what makes two requests the same: method, address, account and body.

    The account is the one that the request acts in, which without the header need not be the same tomorrow (`api.actor.choose`).
    """
    account = getattr(getattr(request, "of_route", None), "account", None)
    head = [request.method, request.get_full_path(), request.headers.get(HAT, ""), account and account.pk]
    return hashlib.sha256(json.dumps(head).encode() + b"\n" + request.body).hexdigest()


def forget_old(at: datetime | None = None) -> int:
    """Remove the keys of more than a day ago; return their number."""
    moment = at or clock.now()
    return IdempotencyKey.objects.filter(created_at__lte=moment - RETENTION).delete()[0]
