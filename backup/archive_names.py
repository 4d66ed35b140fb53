"""The names of backups, and which of them are kept."""

import re
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from backup.encryption import ENDINGS
from backup.errors import BackupError

PREFIX = "inservice-"
_NAME = re.compile(rf"{PREFIX}(\d{{8}}T\d{{6}}Z)({'|'.join(map(re.escape, ENDINGS))})")


def name_of(at: datetime, ending: str) -> str:
    return f"{PREFIX}{at.astimezone(UTC):%Y%m%dT%H%M%SZ}{ending}"


def made_at(name: str) -> datetime | None:
    """Return when the backup of that name was begun; None for a file that is no backup."""
    found = _NAME.fullmatch(name)
    try:
        return datetime.strptime(found[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if found else None
    except ValueError:
        return None


def require_file(path: Path) -> None:
    """Raise BackupError unless the named backup is there."""
    if not path.is_file():
        raise BackupError(f"There is no file {path}.")


def backups_in(folder: Path) -> list[Path]:
    """Return the whole backups of a folder, the newest first."""
    dated = [(moment, path) for path in folder.iterdir() if (moment := made_at(path.name))]
    return [path for _moment, path in sorted(dated, reverse=True)]


def names_to_retain(names: Iterable[str]) -> Collection[str]:
    """Return the names that are kept: the newest of each of the last days, weeks and months that have any; always the very newest."""
    dated = sorted(((made_at(name), name) for name in names), key=lambda row: str(row[0]), reverse=True)
    chosen = {dated[0][1]} if dated else set()
    for most, period in (
        (settings.BACKUP_KEEP_DAILY, "%Y-%m-%d"),
        (settings.BACKUP_KEEP_WEEKLY, "%G-%V"),
        (settings.BACKUP_KEEP_MONTHLY, "%Y-%m"),
    ):
        newest: dict[str, str] = {}
        for moment, name in dated:
            if moment is not None:
                newest.setdefault(f"{moment:{period}}", name)
        chosen |= set(list(newest.values())[:most])
    return chosen


def rotate(folder: Path) -> list[str]:
    """Delete the backups that are no longer kept; return their names. Called after a new one has succeeded."""
    found = backups_in(folder)
    keep = names_to_retain(path.name for path in found)
    gone = [path for path in found if path.name not in keep]
    for path in gone:
        path.unlink()
    return [path.name for path in gone]
