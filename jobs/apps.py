from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        from audit import acts
        from files.registry import KINDS as FILE_KINDS
        from jobs import audit_acts, file_kinds, notices, rights, schedule
        from kit.rights import RIGHTS
        from kit.schedule import SCHEDULE
        from notices.registry import KINDS

        acts.register(audit_acts.ACTS)
        FILE_KINDS.register(file_kinds.KINDS)
        KINDS.register(notices.KINDS)
        RIGHTS.register(rights.RIGHTS)
        SCHEDULE.register(schedule.SCHEDULE)
