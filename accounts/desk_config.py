"""Registers every model of ours, read-only, with the operator's look-up desk (`accounts.desk`)."""

from django.apps import apps
from django.contrib.admin.apps import SimpleAdminConfig

SHOWN = ("audit", "notices", "accounts", "bulletin", "courses", "hours")
HIDDEN = {"accounts.throttle", "accounts.passwordmemory", "accounts.proof", "accounts.keycanary"}


class DeskConfig(SimpleAdminConfig):
    """Without looking for other packages' `admin` modules: what they register could be written to."""

    default_site = "accounts.desk.Desk"

    def ready(self) -> None:
        super().ready()
        from django.contrib import admin

        from accounts.desk import ReadOnly

        for label in SHOWN:
            for model in apps.get_app_config(label).get_models():
                if model._meta.label_lower not in HIDDEN:
                    admin.site.register(model, ReadOnly)
