from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import (
            audit_acts,
            file_kinds,
            jobs,
            left_columns,
            notices,
            own_data,
            retention,
            rights,
            schedule,
        )
        from accounts.actions import key_canaries
        from accounts.code_lists import CODE_LISTS, LISTS
        from accounts.other_hats import FINDERS
        from accounts.queries import days_off, persons, seen_by
        from accounts.queries.people import deceased
        from audit import acts
        from files.registry import KINDS as FILE_KINDS
        from kit.beside import LEFT
        from kit.holidays import read_added_days
        from kit.own_data import OWN_DATA
        from kit.retention import RETENTION
        from kit.rights import RIGHTS
        from kit.schedule import SCHEDULE
        from notices.mail_preferences import WITHOUT_MAIL
        from notices.readers import READERS
        from notices.registry import KINDS
        from notices.timed import RESTING

        assert jobs  # registers its kinds of work
        acts.register(audit_acts.ACTS, security=audit_acts.SECURITY)
        FILE_KINDS.register(file_kinds.KINDS)
        CODE_LISTS.register(LISTS)
        read_added_days(days_off.added_kind, days_off.counties_apart)
        KINDS.register(notices.KINDS)
        WITHOUT_MAIL.append(deceased)
        RESTING.append(days_off.resting)
        FINDERS.register({"accounts:staff_of": seen_by.finds_staff_of, "accounts:place": seen_by.finds_place})
        READERS.records_of, READERS.behind = persons.persons_of, persons.people_behind
        READERS.has_one, READERS.redirected = persons.has_one_record, persons.merged_seconds
        LEFT.register(left_columns.LEFT_COLUMNS)
        OWN_DATA.register(own_data.OWN_DATA)
        RETENTION.register(retention.RETENTION)
        RIGHTS.register(rights.RIGHTS)
        SCHEDULE.register(schedule.SCHEDULE)
        post_migrate.connect(key_canaries.after_migration, sender=self)
