"""Pages that show what an act would do before it is done: the act is done only for what was shown."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

FIELD = "seen"


def mark_of(act: str, shown: Iterable[object]) -> str:
    """Return a mark of what a page shows of an act. The page sends it back in a hidden field."""
    return salted_hmac(
        f"kit.previews.{act}", repr([str(one) for one in shown]), algorithm="sha256"
    ).hexdigest()


def is_seen(request: HttpRequest, mark: str) -> bool:
    """Return whether the request comes from a page that showed exactly this."""
    return constant_time_compare(request.POST.get(FIELD, ""), mark)
