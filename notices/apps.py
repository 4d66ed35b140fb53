from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "notices"

    def ready(self) -> None:
        from kit.rights import RIGHTS
        from kit.schedule import SCHEDULE
        from notices import rights, schedule

        RIGHTS.register(rights.RIGHTS)
        SCHEDULE.register(schedule.SCHEDULE)
