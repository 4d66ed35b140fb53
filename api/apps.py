from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"

    def ready(self) -> None:
        from api import schedule
        from kit.schedule import SCHEDULE

        SCHEDULE.register(schedule.SCHEDULE)
