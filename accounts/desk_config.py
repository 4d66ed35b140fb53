"""Registers every model of ours, read-only, with the operator's look-up desk (`accounts.desk`)."""

from django.apps import apps
from django.contrib.admin.apps import AdminConfig

SHOWN = ("audit", "notices", "accounts", "courses", "hours")
KEPT_OUT = {"accounts.throttle", "accounts.passwordmemory", "accounts.proof"}


class DeskConfig(AdminConfig):
    default_site = "accounts.desk.Desk"

    def ready(self) -> None:
        super().ready()
        from django.contrib import admin

        from accounts.desk import ReadOnly

        # Other packages' registrations could be written to: the desk shows our own rows, read-only.
        for model in list(admin.site._registry):
            admin.site.unregister(model)
        for label in SHOWN:
            for model in apps.get_app_config(label).get_models():
                if model._meta.label_lower not in KEPT_OUT:
                    admin.site.register(model, ReadOnly)
