from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        from audit import schedule
        from kit.schedule import SCHEDULE

        SCHEDULE.register(schedule.SCHEDULE)
        post_migrate.connect(_begin_chains, sender=self)


def _begin_chains(using: str, **kwargs: Any) -> None:
    from audit.models import AuditChain
    from audit.seal import begin_chains

    # A database that is migrated back to an earlier revision has no chains.
    if AuditChain._meta.db_table in connections[using].introspection.table_names():
        begin_chains()
