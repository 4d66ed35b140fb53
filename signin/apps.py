from django.apps import AppConfig


class SigninConfig(AppConfig):
    name = "signin"

    def ready(self) -> None:
        from audit import acts
        from kit.schedule import SCHEDULE
        from notices.registry import KINDS
        from signin import audit_acts, notices, schedule, signals

        acts.register({}, security=audit_acts.SECURITY)
        KINDS.register(notices.KINDS)
        SCHEDULE.register(schedule.SCHEDULE)
        signals.connect()
