from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "notices"

    def ready(self) -> None:
        from kit.schedule import SCHEDULE
        from notices import schedule

        SCHEDULE.register(schedule.SCHEDULE)
