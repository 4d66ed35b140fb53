from django.apps import AppConfig


class InserviceConfig(AppConfig):
    name = "inservice"

    def ready(self) -> None:
        from inservice import checks  # noqa: F401 - registers them
