from django.apps import AppConfig


class KitConfig(AppConfig):
    """Tools that know no app: an application only because Django finds template tags by application."""

    name = "kit"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created

        from kit import (
            safe_lookups,  # noqa: F401 - registers the lookups
            table_versions,
        )

        connection_created.connect(table_versions.watch_connection, dispatch_uid="kit.table_versions")
