"""A real PgBouncer with the sample of `deploy/`, before the PostgreSQL of the tests."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from tests.servers import free_port

SAMPLE = Path(settings.BASE_DIR) / "deploy/pgbouncer.ini"


def installed() -> bool:
    return shutil.which("pgbouncer") is not None


@contextmanager
def pooler() -> Iterator[str]:
    """The address of the test's own database behind the pooler, which lends at most two connections."""
    # Not below the folder of the tests, which is root's own: the pooler refuses to run as root.
    folder = Path(tempfile.mkdtemp(prefix="inservice-pooler-"))
    facts: dict[str, Any] = connection.settings_dict
    host = facts["HOST"] or facts["OPTIONS"].get("host", "")
    port, name, user = free_port(), facts["NAME"], facts["USER"]
    users = folder / "userlist.txt"
    users.write_text(f'"{user}" "{facts["PASSWORD"]}"\n')
    text = SAMPLE.read_text()
    for old, new in (
        ("inservice = host=127.0.0.1 port=5432 dbname=inservice", f"{name} = host={host} port={facts['PORT'] or 5432} dbname={name}"),
        ("listen_port = 6432", f"listen_port = {port}\nunix_socket_dir ="),
        ("auth_type = scram-sha-256", "auth_type = trust"),
        ("/etc/pgbouncer/userlist.txt", str(users)),
        ("default_pool_size = 40", "default_pool_size = 2"),
    ):  # fmt: skip
        assert old in text, old
        text = text.replace(old, new)
    path = folder / "pgbouncer.ini"
    path.write_text(text)
    # The owner of the cluster's socket may use it.
    owner = pwd.getpwuid(os.stat(host).st_uid if host.startswith("/") else os.geteuid())
    as_owner = {"user": owner.pw_uid, "group": owner.pw_gid} if os.geteuid() == 0 else {}
    for one in (folder, users, path):
        one.chmod(0o755)
    process = subprocess.Popen(
        ["pgbouncer", "-q", str(path)], stderr=subprocess.DEVNULL, extra_groups=[], **as_owner
    )
    try:
        time.sleep(0.5)
        assert process.poll() is None, "pgbouncer did not start"
        yield f"postgresql://{user}:{facts['PASSWORD']}@127.0.0.1:{port}/{name}"
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder)
