from django.apps import AppConfig


class HoursConfig(AppConfig):
    name = "hours"

    def ready(self) -> None:
        from hours import background

        assert background  # registers its kinds of work
