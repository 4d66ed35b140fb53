from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "courses"

    def ready(self) -> None:
        from accounts import unfinished_work
        from accounts.change_signals import units_renamed
        from accounts.code_lists import CODE_LISTS
        from audit import acts
        from courses import audit_acts, jobs, notices, rights, schedule, timed
        from courses.actions import calendar_files, search_index
        from courses.code_lists import LISTS
        from courses.queries.transfers import unfinished_by_account
        from kit.rights import RIGHTS
        from kit.schedule import SCHEDULE
        from notices.registry import KINDS
        from notices.timed import TIMED

        assert jobs and calendar_files  # they register their kinds of work, and the files of notices
        CODE_LISTS.register(LISTS)
        acts.register(audit_acts.ACTS, reasons=audit_acts.REASONS)
        KINDS.register(notices.KINDS)
        RIGHTS.register(rights.RIGHTS)
        SCHEDULE.register(schedule.SCHEDULE)
        TIMED.register(timed.TIMED)
        unfinished_work.register(unfinished_by_account)
        units_renamed.connect(search_index.add_unit_names, dispatch_uid="courses.search")
