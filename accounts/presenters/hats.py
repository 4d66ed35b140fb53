"""The menu of a person: the hats, and the own pages. Every page of who is logged in has it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import BusinessAccount
from kit.row_templates import RowTemplate, joined

HAT = RowTemplate("components/hat.html", ("value", "label", "token"))
LINKS = RowTemplate("components/hats_links.html", ())


@dataclass(frozen=True)
class HatShape:
    is_current: bool


def hat_menu(accounts: Iterable[BusinessAccount], current: BusinessAccount | None, token: str) -> SafeString:
    """Return the menu as HTML: the business accounts, the teacher's hat, and the links; `token` is that of its forms against forgery."""
    labels = {str(row.pk): f"{row.unit.name} {row.get_role_display()} {row.number}" for row in accounts}
    labels[""] = _("Teacher: my own training")
    is_on = str(current.pk) if current else ""
    hats = [
        HAT.print(HatShape(value == is_on), {"value": value, "label": label, "token": token})
        for value, label in labels.items()
    ]
    return joined([*hats, LINKS.print(None, {})])
