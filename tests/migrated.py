"""Migrate a database of PostgreSQL once, of which those of the tests begin as copies: `python -m tests.migrated NAME`.

The database is made anew in the cluster of DATABASE_URL; `script/test` names it to the tests as MIGRATED_POSTGRES.
"""

import os
import subprocess
import sys
from contextlib import closing
from urllib.parse import urlsplit

import psycopg2


def main() -> int:
    name, url = sys.argv[1], os.environ["DATABASE_URL"]
    with closing(psycopg2.connect(url)) as line:
        line.autocommit = True
        with line.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute(f'CREATE DATABASE "{name}"')
    env = os.environ | {"DATABASE_URL": urlsplit(url)._replace(path=f"/{name}").geturl()}
    return subprocess.call([sys.executable, "manage.py", "migrate", "--verbosity", "0"], env=env)


if __name__ == "__main__":
    sys.exit(main())
