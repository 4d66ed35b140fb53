from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        from jobs import schedule
        from kit.schedule import SCHEDULE

        SCHEDULE.register(schedule.SCHEDULE)
