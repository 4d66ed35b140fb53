from django.apps import AppConfig


class SigninConfig(AppConfig):
    name = "signin"

    def ready(self) -> None:
        from accounts import business_access
        from audit import acts
        from kit.schedule import SCHEDULE
        from notices.registry import KINDS
        from signin import audit_acts, notices, readiness, schedule, signals

        acts.register({}, security=audit_acts.SECURITY)
        KINDS.register(notices.KINDS)
        SCHEDULE.register(schedule.SCHEDULE)
        business_access.register(readiness.is_ready)
        signals.connect()
