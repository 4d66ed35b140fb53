from django.apps import AppConfig


class KitConfig(AppConfig):
    """Tools that know no app: an application only because Django finds template tags by application."""

    name = "kit"

    def ready(self) -> None:
        from kit import safe_lookups  # noqa: F401 - registers the lookups
