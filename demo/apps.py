from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "demo"

    def ready(self) -> None:
        from demo import rights
        from kit.rights import RIGHTS

        RIGHTS.register(rights.RIGHTS)
