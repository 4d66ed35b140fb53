from django.apps import AppConfig


class ChecksConfig(AppConfig):
    name = "checks"

    def ready(self) -> None:
        from audit import acts
        from checks import audit_acts, rights
        from kit.rights import RIGHTS

        acts.register(audit_acts.ACTS, security=audit_acts.SECURITY)
        RIGHTS.register(rights.RIGHTS)
