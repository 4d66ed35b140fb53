"""The settings under which the dumps were written and are read again. The keys are made of plain words and guard nothing."""

import base64
import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

REVISION = "084da67"
FOLDER = Path(__file__).parent
# The installation worked in the morning; the upgrade follows while a session is still open.
MORNING = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Asia/Taipei"))
LOG_IN = MORNING.replace(hour=11)
UPGRADE = MORNING.replace(hour=11, minute=10)
# In place of random texts, so that neither the dump nor its facts hold anything that looks like a secret.
SESSION = "sessionofthehandlerintheupgrade1"
API_KEY = "key-for-programs-in-the-upgrade-test"
DEVICE = "browser-in-the-upgrade-test"

_KEYS = {
    "SECRET_KEY": "plain words that sign the sessions of the upgrade test and of nothing else",
    "FIELD_KEYS": base64.urlsafe_b64encode(b"32 plain letters seal the fields").decode(),
    "ID_PEPPER": "plain words for the upgrade test",
    "AUDIT_KEY": "plain words for the record of the upgrade test",
}
# What the surroundings may hold of another installation.
_OURS = {"DEBUG", "DEMO", "REDIS_URL", "DATABASE_URL", "VAR_DIR", "DJANGO_SETTINGS_MODULE", "PYTHONPATH"}


def environment(code: Path, var: Path, database_url: str) -> dict[str, str]:
    """Return the environment of a process that runs the code of this folder; an empty URL is SQLite under `var`."""
    kept = {name: value for name, value in os.environ.items() if name not in _OURS}
    database = {"DATABASE_URL": database_url} if database_url else {}
    return kept | database | _KEYS | {
        "DJANGO_SETTINGS_MODULE": "inservice.settings",
        "PYTHONPATH": str(code),
        "VAR_DIR": str(var),
        "MFA_REQUIRED": "0",
    }  # fmt: skip


def dump_of(database: str) -> Path:
    """`sqlite` or `postgresql`."""
    return FOLDER / f"{REVISION}.{database}.sql.gz"


def facts_of(database: str) -> Path:
    return FOLDER / f"{REVISION}.{database}.json"
