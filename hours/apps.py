from django.apps import AppConfig


class HoursConfig(AppConfig):
    name = "hours"

    def ready(self) -> None:
        from audit import acts
        from courses.queries import queues
        from hours import audit_acts, jobs, schedule
        from hours.queries import objections
        from kit.schedule import SCHEDULE

        assert jobs  # registers its kinds of work
        acts.register(audit_acts.ACTS)
        SCHEDULE.register(schedule.SCHEDULE)
        queues.UNIT_SOURCES["objections"] = objections.waiting_for
