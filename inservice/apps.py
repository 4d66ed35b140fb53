from django.apps import AppConfig


class InserviceConfig(AppConfig):
    name = "inservice"

    def ready(self) -> None:
        from inservice import checks, rights
        from kit.rights import RIGHTS

        assert checks  # registers itself
        RIGHTS.register(rights.RIGHTS)
