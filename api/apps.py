from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"

    def ready(self) -> None:
        from api import form_once, rights, schedule
        from kit.form_once import KEEPERS
        from kit.rights import RIGHTS
        from kit.schedule import SCHEDULE

        RIGHTS.register(rights.RIGHTS)
        SCHEDULE.register(schedule.SCHEDULE)
        KEEPERS.register({"once": form_once.make_once})
