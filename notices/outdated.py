"""Mail that has become pointless while it waited: a reminder of a course that is closed meanwhile.

The apps register a check for their kinds; the drain calls it for the mail that it is about to send.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from notices.models import Notice

# Of the notices of one kind, those whose mail has changed: None is not sent any more, otherwise the new subject and text.
Check = Callable[[Sequence[Notice]], Mapping[int, tuple[str, str] | None]]
_checks: dict[str, Check] = {}


def recheck(kind: str) -> Callable[[Check], Check]:
    """Register the decorated function as the check of `kind`."""

    def register(check: Check) -> Check:
        _checks[kind] = check
        return check

    return register


def settle(notices: Sequence[Notice]) -> set[int]:
    """Give notices whose facts have changed their new text; return the keys of those that are not to be sent."""
    gone: set[int] = set()
    changed: list[Notice] = []
    by_kind = sorted((n for n in notices if n.kind in _checks), key=lambda n: n.kind)
    for kind, rows in groupby(by_kind, key=lambda n: n.kind):
        of_kind = list(rows)
        found = _checks[kind](of_kind)
        for notice in of_kind:
            text = found.get(notice.pk, (notice.subject, notice.body))
            if text is None:
                gone.add(notice.pk)
            elif text != (notice.subject, notice.body):
                notice.subject, notice.body = text
                changed.append(notice)
    Notice.objects.bulk_update(changed, ["subject", "body"])
    return gone
