"""Django's admin as the operator's look-up desk: read-only, only under the operator's hat, hence behind the second factor.

Acts happen on the pages, where the rules, the record and the notices are; the desk shows rows as they stand.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

HIDDEN = {"password", "id_sealed", "id_hash", "digest", "encoded", "data", "leaves", "key"}


class Desk(admin.AdminSite):
    site_header = site_title = _("Look-up desk")
    index_title = _("Rows as they stand; nothing is changed here")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        actor = getattr(request, "actor", None)
        return bool(actor) and actor.is_operator_hat

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The site's own log-in is the only one."""
        if not request.user.is_authenticated:
            return redirect("account_login")
        sentence = _("This page is for the operator.")
        return render(request, "errors/wrong_hat.html", {"sentence": sentence}, status=403)


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    list_per_page = 50
    show_full_result_count = False

    def get_list_display(self, request: HttpRequest) -> Any:
        return [
            f.name for f in self.model._meta.concrete_fields if f.name not in HIDDEN and not f.is_relation
        ][:8]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [f.name for f in self.model._meta.concrete_fields if f.name not in HIDDEN]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
