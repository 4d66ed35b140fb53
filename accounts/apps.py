from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import background, signals

        assert background  # registers its kinds of work
        signals.connect()
