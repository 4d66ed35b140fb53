"""Forms that make something: of one page that is sent twice, the second request finds what the first made.

The page has `{% once %}` in its form, the view makes the row by `made_once`. A request whose content differs, or one from a page without the
field, makes a row of its own. What was made is kept for a day by the app that registers a keeper.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from kit.registry import Registry

FIELD = "once"
_CSRF = "csrfmiddlewaretoken"
Row = TypeVar("Row", bound=Model)


class Keeper(Protocol):
    """Runs an act in a transaction, one request of a mark after the other, and keeps the primary key of what it made."""

    def __call__(
        self, *, caller: int, mark: str, make: Callable[[], int], is_there: Callable[[int], bool]
    ) -> int:
        """Return the primary key of what this request made, or an earlier one if that is still there. Raise what `make` raises."""


KEEPERS: Registry[Keeper] = Registry("keeper")


@dataclass(frozen=True)
class Once(Generic[Row]):
    """What a form made: `made` is None where an earlier request of the same page had made it; `pk` is its row in both cases."""

    made: Row | None
    pk: int


def made_once(request: HttpRequest, rows: QuerySet[Row], make: Callable[[], Row]) -> Once[Row]:
    """Make a row of `rows`, unless the same page has made it and it is still there. Raise what `make` raises."""
    made: list[Row] = []

    def act() -> int:
        made.append(make())
        return int(made[0].pk)

    key = request.POST.get(FIELD, "")
    if not key:
        return Once(row := make(), int(row.pk))
    pk = KEEPERS["once"](
        caller=int(request.user.pk or 0),
        mark=_mark(request, key),
        make=act,
        is_there=lambda pk: rows.filter(pk=pk).exists(),
    )
    return Once(made[0] if made else None, pk)


def _mark(request: HttpRequest, key: str) -> str:
    """Return what makes two requests the same: the key of the page, the address and the content, files included."""
    sent = sorted((name, values) for name, values in request.POST.lists() if name != _CSRF)
    total = hashlib.sha256(json.dumps([key, request.path, sent]).encode())
    for name in sorted(request.FILES):
        for upload in request.FILES.getlist(name):
            total.update(json.dumps([name, upload.name]).encode())
            for chunk in upload.chunks():
                total.update(chunk)
            upload.seek(0)
    return total.hexdigest()
