from django.apps import AppConfig


class SigninConfig(AppConfig):
    name = "signin"

    def ready(self) -> None:
        from accounts import business_access
        from audit import acts
        from kit.rights import RIGHTS
        from kit.schedule import SCHEDULE
        from notices.registry import KINDS
        from notices.timed import TIMED
        from signin import audit_acts, notices, readiness, rights, schedule, signals, timed

        acts.register(audit_acts.ACTS, security=audit_acts.SECURITY)
        KINDS.register(notices.KINDS)
        RIGHTS.register(rights.RIGHTS)
        SCHEDULE.register(schedule.SCHEDULE)
        TIMED.register(timed.TIMED)
        business_access.register(readiness.is_ready)
        signals.connect()
