from django.apps import AppConfig


class HoursConfig(AppConfig):
    name = "hours"

    def ready(self) -> None:
        from courses.queries import queues
        from hours import jobs, schedule
        from hours.queries import objections
        from kit.schedule import SCHEDULE

        assert jobs  # registers its kinds of work
        SCHEDULE.register(schedule.SCHEDULE)
        queues.UNIT_SOURCES["objections"] = objections.waiting_for
