from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.middleware import active_accounts
from accounts.models import User
from signin.readiness import is_ready


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
    current = request.actor.account  # type: ignore[attr-defined]
    rows = [
        Hat(str(a.pk), f"{a.unit.name} {a.get_role_display()} {a.number}", current == a)
        for a in active_accounts(request)
    ]
    return [*rows, Hat("", _("Teacher: my own training"), current is None)]


def session(request: HttpRequest) -> dict[str, object]:
    """How long this session may stay idle, for the warning in the page, and whether business hats wait for something."""
    if getattr(request, "actor", None) is None:
        return {}
    return {
        "idle_seconds": SimpleLazyObject(lambda: idle_seconds(request)),
        "hats_wait": SimpleLazyObject(lambda: hats_wait(request)),
    }


def idle_seconds(request: HttpRequest) -> int:
    operator = any(account.role == Role.OPERATOR for account in active_accounts(request))
    return int(settings.IDLE_SECONDS_OPERATOR if operator else settings.IDLE_SECONDS)


def hats_wait(request: HttpRequest) -> bool:
    """The person holds business accounts that this session may not wear yet."""
    return bool(active_accounts(request)) and not is_ready(request, request.user)  # type: ignore[arg-type]


def display_name(user: User) -> str:
    return user.name
