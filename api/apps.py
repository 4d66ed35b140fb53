from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"

    def ready(self) -> None:
        from api import rights, schedule
        from kit.rights import RIGHTS
        from kit.schedule import SCHEDULE

        RIGHTS.register(rights.RIGHTS)
        SCHEDULE.register(schedule.SCHEDULE)
