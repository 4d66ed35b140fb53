"""Django's admin as the operator's look-up desk: read-only, only under the operator's hat, hence behind the second factor.

Changes are made on the pages, with the rules, the record and the notices; the desk shows stored rows.
"""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.db.models.constants import LOOKUP_SEP
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.acting import ActorRequest
from accounts.models import User
from audit import log
from kit.rights import right_of

HIDDEN = {
    "link",
    "password",
    "id_sealed",
    "id_hash",
    "passport_sealed",
    "passport_hash",
    "digest",
    "encoded",
    "data",
    "leaves",
    "key",
    "token",
}


class Desk(admin.AdminSite):
    site_header = site_title = _("Look-up desk")
    index_title = _("Rows as they are; nothing is changed here")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether the table of rights admits the current hat to the desk; other hats are refused before
        (`accounts.route_guard`).
        """
        actor = getattr(request, "actor", None)
        right = right_of("admin:index")
        return actor is not None and right is not None and right.admits(actor.role, "GET")

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The site's own log-in is the only one."""
        return redirect_to_login(request.GET.get("next", reverse("admin:index")), reverse("account_login"))

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_change_password")

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """Disabled: nothing here is edited."""
        raise Http404


class ReadOnly(admin.ModelAdmin):
    list_per_page = 50
    show_full_result_count = False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        answer = super().changelist_view(request, extra_context)
        if listed := getattr(answer, "context_data", {}).get("cl"):
            self._seen(request, listed.result_list)
        return answer

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        self._seen(request, [row] if row else [])
        return row

    def _seen(self, request: HttpRequest, rows: Iterable[Any]) -> None:
        """Record rows that concern people (`audit_people`) as a look at their records."""
        actor = cast(ActorRequest, request).actor
        log.record_look("read.desk", actor.appointment, by=actor, rows=rows)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Allow filters by displayed columns only: a hidden column could be guessed letter by letter.

        Any other parameter of the query is refused (400), also a path through a relation to another model's columns.
        """
        name, *rest = lookup.split(LOOKUP_SEP)
        shown = {key: f for f in self._shown() for key in (f.name, f.attname)}
        if name not in shown:
            return False
        return not shown[name].is_relation or rest in ([], ["exact"], ["id"], ["id", "exact"], ["isnull"])

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """Rows are opened by their number alone."""
        return to_field == self.opts.pk.name

    def _shown(self) -> list[Any]:
        return [f for f in self.opts.concrete_fields if f.name not in HIDDEN]

    def get_list_select_related(self, request: HttpRequest) -> Any:
        """Only what `audit_people` reads: joining every foreign key takes PostgreSQL minutes to plan."""
        return getattr(self.model, "audit_related", False)

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._columns(f for f in self._shown() if not f.is_relation)[:8]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self._columns(self._shown())

    def _columns(self, fields: Iterable[Any]) -> list[str]:
        """Return the names of the fields, of a person with `mailbox` for the stored e-mail."""
        shown = {"email": "mailbox"} if self.model is User else {}
        return [shown.get(f.name, f.name) for f in fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    @admin.display(description=_("e-mail"), ordering="email")
    def mailbox(self, row: Any) -> str:
        """The e-mail of a person; empty where the address belongs to nobody."""
        return str(row.mailbox)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
