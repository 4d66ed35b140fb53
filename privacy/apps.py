from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "privacy"

    def ready(self) -> None:
        from audit import acts
        from files.registry import KINDS as FILE_KINDS
        from kit.rights import RIGHTS
        from kit.schedule import SCHEDULE
        from notices.registry import KINDS
        from privacy import audit_acts, file_kinds, jobs, notices, rights, schedule

        assert jobs  # registers its kind of work
        acts.register(audit_acts.ACTS)
        FILE_KINDS.register(file_kinds.KINDS)
        KINDS.register(notices.KINDS)
        RIGHTS.register(rights.RIGHTS)
        SCHEDULE.register(schedule.SCHEDULE)
