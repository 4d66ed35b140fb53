from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        from audit import acts
        from jobs import audit_acts, notices, rights, schedule
        from kit.rights import RIGHTS
        from kit.schedule import SCHEDULE
        from notices.registry import KINDS

        acts.register(audit_acts.ACTS)
        KINDS.register(notices.KINDS)
        RIGHTS.register(rights.RIGHTS)
        SCHEDULE.register(schedule.SCHEDULE)
