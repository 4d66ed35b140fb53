from collections.abc import Collection

from django.apps import AppConfig


def _found_among(query: str, courses: Collection[int]) -> set[int]:
    """Only a worker that prepares digests loads the filter."""
    from courses.forms.catalogue_filter import found_among

    return found_among(query, courses)


class CoursesConfig(AppConfig):
    name = "courses"

    def ready(self) -> None:
        from accounts import unfinished_work
        from accounts.code_lists import CODE_LISTS
        from accounts.other_hats import FINDERS
        from audit import acts
        from courses import (
            audit_acts,
            cached_tables,
            file_kinds,
            jobs,
            notices,
            own_data,
            retention,
            rights,
            schedule,
            timed,
        )
        from courses.actions import calendar_files, messages, watch_notices
        from courses.code_lists import LISTS
        from courses.queries import planned_absences, queues, seen_by
        from courses.queries.leavers import number_to_cancel
        from courses.queries.transfers import unfinished_by_account
        from files.registry import KINDS as FILE_KINDS
        from kit.body_size import LARGER
        from kit.own_data import OWN_DATA
        from kit.retention import RETENTION
        from kit.rights import RIGHTS
        from kit.schedule import SCHEDULE
        from kit.table_versions import GROUPS
        from notices.registry import KINDS
        from notices.timed import TIMED

        assert (
            jobs and calendar_files and messages
        )  # they register kinds of work, files of notices, and whom replies reach
        CODE_LISTS.register(LISTS)
        acts.register(audit_acts.ACTS, reasons=audit_acts.REASONS)
        FILE_KINDS.register(file_kinds.KINDS)
        KINDS.register(notices.KINDS)
        LARGER.register(file_kinds.UPLOADS)
        OWN_DATA.register(own_data.OWN_DATA)
        RETENTION.register(retention.RETENTION)
        RIGHTS.register(rights.RIGHTS)
        SCHEDULE.register(schedule.SCHEDULE)
        TIMED.register(timed.TIMED)
        FINDERS.register(seen_by.FINDERS)
        GROUPS.register(cached_tables.TABLES)
        unfinished_work.register(unfinished_by_account)
        unfinished_work.register_enrolments(number_to_cancel)
        queues.UNIT_QUEUES["absences"] = planned_absences.QUEUE
        _connect()
        watch_notices.find_by(_found_among)


def _connect() -> None:
    """Follow what changes in the registers of units and people."""
    from accounts.change_signals import (
        access_ended,
        accounts_ended,
        identity_changed,
        person_anonymised,
        person_closed,
        units_renamed,
    )
    from courses.actions import contacts, feeds, leavers, search_index

    units_renamed.connect(search_index.add_unit_names, dispatch_uid="courses.search")
    identity_changed.connect(feeds.identities_changed, dispatch_uid="courses.feeds")
    access_ended.connect(feeds.access_ended, dispatch_uid="courses.feeds.access")
    person_anonymised.connect(contacts.forget, dispatch_uid="courses.contacts")
    person_closed.connect(leavers.cancel_enrolments, dispatch_uid="courses.leavers")
    accounts_ended.connect(leavers.notify_of_courses, dispatch_uid="courses.leavers.accounts")
