"""Which migrations the database lacks."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def missing_migrations() -> int:
    """Return how many migrations of this version are not applied. Loads them all: for commands and the operator's page."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
