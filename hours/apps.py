from django.apps import AppConfig


class HoursConfig(AppConfig):
    name = "hours"

    def ready(self) -> None:
        from courses.queries import queues
        from hours.queries import objections

        queues.UNIT_SOURCES["objections"] = objections.waiting_for
