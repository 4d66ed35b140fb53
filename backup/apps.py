from django.apps import AppConfig


class BackupConfig(AppConfig):
    name = "backup"

    def ready(self) -> None:
        from audit import acts
        from backup import audit_acts, notices, timed
        from notices.registry import KINDS
        from notices.timed import TIMED

        acts.register(audit_acts.ACTS)
        KINDS.register(notices.KINDS)
        TIMED.register(timed.TIMED)
