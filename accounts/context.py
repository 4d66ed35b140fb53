from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.acting import ActorRequest
from accounts.middleware import active_accounts
from accounts.models import User


@dataclass(frozen=True)
class Hat:
    value: str
    label: str
    is_current: bool


def hats(request: HttpRequest) -> dict[str, object]:
    """The hats a person may put on, for the switch in the navigation."""
    if getattr(request, "actor", None) is None:
        return {"hats": []}
    return {"hats": SimpleLazyObject(lambda: _hats(request))}


def _hats(request: HttpRequest) -> list[Hat]:
    current = cast(ActorRequest, request).actor.account
    rows = [
        Hat(str(a.pk), f"{a.unit.name} {a.get_role_display()} {a.number}", current == a)
        for a in active_accounts(request)
    ]
    return [*rows, Hat("", _("Teacher: my own training"), current is None)]


def display_name(user: User) -> str:
    return user.name
