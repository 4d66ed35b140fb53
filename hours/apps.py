from django.apps import AppConfig


class HoursConfig(AppConfig):
    name = "hours"

    def ready(self) -> None:
        from audit import acts
        from courses.change_signals import course_copied, sessions_removed
        from courses.queries import queues, session_evidence
        from hours import (
            audit_acts,
            jobs,
            left_columns,
            notices,
            own_data,
            retention,
            rights,
            schedule,
            timed,
        )
        from hours.actions import surveys, void_signs
        from hours.queries import objections
        from hours.queries.session_evidence import signed_sessions
        from kit.beside import LEFT
        from kit.own_data import OWN_DATA
        from kit.retention import RETENTION
        from kit.rights import RIGHTS
        from kit.schedule import SCHEDULE
        from notices.registry import KINDS
        from notices.timed import TIMED

        assert jobs  # registers its kinds of work
        acts.register(audit_acts.ACTS)
        KINDS.register(notices.KINDS)
        LEFT.register(left_columns.LEFT_COLUMNS)
        OWN_DATA.register(own_data.OWN_DATA)
        RETENTION.register(retention.RETENTION)
        RIGHTS.register(rights.RIGHTS)
        SCHEDULE.register(schedule.SCHEDULE)
        TIMED.register(timed.TIMED)
        course_copied.connect(surveys.copy_questions, dispatch_uid="hours.questionnaires")
        sessions_removed.connect(void_signs.forget_sessions, dispatch_uid="hours.attendance")
        session_evidence.SOURCES["attendance"] = signed_sessions
        queues.UNIT_QUEUES["objections"] = objections.QUEUE
