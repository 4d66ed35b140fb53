from django.apps import AppConfig


class HoursConfig(AppConfig):
    name = "hours"

    def ready(self) -> None:
        from courses.queries import queues
        from hours import jobs
        from hours.queries import objections

        assert jobs  # registers its kinds of work
        queues.UNIT_SOURCES["objections"] = objections.waiting_for
