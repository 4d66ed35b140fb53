from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "files"

    def ready(self) -> None:
        from audit import acts
        from files import audit_acts, schedule
        from kit.schedule import SCHEDULE

        acts.register(audit_acts.ACTS)
        SCHEDULE.register(schedule.SCHEDULE)
