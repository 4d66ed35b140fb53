"""Migrate a database of PostgreSQL once, of which those of the tests begin as copies: `python -m tests.migrated NAME [FILE]`.

The database is made anew in the cluster of DATABASE_URL; `script/test` names it to the tests as MIGRATED_POSTGRES. A dump of it goes
to the file, with which `script/survive` begins in a cluster of its own (MIGRATED_DUMP).
"""

import os
import subprocess
import sys
from contextlib import closing
from urllib.parse import urlsplit

import psycopg2

from tests.servers import postgres_programs


def main() -> int:
    name, url, files = sys.argv[1], os.environ["DATABASE_URL"], sys.argv[2:]
    with closing(psycopg2.connect(url)) as line:
        line.autocommit = True
        with line.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute(f'CREATE DATABASE "{name}"')
    made = urlsplit(url)._replace(path=f"/{name}").geturl()
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    dumps = [[postgres_programs() / "pg_dump", "--no-owner", "--file", file, made] for file in files]
    status = subprocess.call(migrate, env=os.environ | {"DATABASE_URL": made})
    return status or max(map(subprocess.call, dumps), default=0)


if __name__ == "__main__":
    sys.exit(main())
