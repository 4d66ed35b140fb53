from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db import connections
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        from audit import schedule, trace
        from kit.schedule import SCHEDULE
        from kit.task_headers import HEADERS

        SCHEDULE.register(schedule.SCHEDULE)
        HEADERS.register(trace.TASK_HEADERS)
        post_migrate.connect(_begin_chains, sender=self)
        if settings.SENTRY_DSN:
            from audit import error_reports

            error_reports.begin(settings.SENTRY_DSN, settings.SENTRY_ENVIRONMENT)


def _begin_chains(using: str, **kwargs: Any) -> None:
    from audit.models import AuditChain
    from audit.seal import begin_chains

    # A database that is migrated back to an earlier revision has no chains.
    if AuditChain._meta.db_table in connections[using].introspection.table_names():
        begin_chains()
