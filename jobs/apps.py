from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        from audit import acts
        from jobs import audit_acts, schedule
        from kit.schedule import SCHEDULE

        acts.register(audit_acts.ACTS)
        SCHEDULE.register(schedule.SCHEDULE)
