"""Care of the filesystem broker's folder.

A full disk leaves messages and bindings of no length, or cut off in the middle. A worker that reads one of them ends, and nothing can be
sent through a broken binding. Messages are moved aside when a worker starts, bindings also before a task is sent, so that the work
goes on: the sender keeps its work as rows of the database and sends a lost message again, as beat does.
"""

import json
import logging
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from celery import Celery

logger = logging.getLogger(__name__)
# A younger file may still be being written.
SETTLED = 1.0


def set_aside_broken(folder: Path, *, bindings_only: bool = False) -> list[Path]:
    """Move every unreadable file of the broker's folders `queue` and `control` to `broken`. Return where they are now."""
    moved = []
    found = [*folder.glob("control/*.exchange"), *(() if bindings_only else folder.glob("queue/*.msg"))]
    for path in _broken(sorted(found)):
        target = folder / "broken" / path.name
        try:
            target.parent.mkdir(exist_ok=True)
            path.replace(target)
        except OSError:  # another process took or moved it
            continue
        logger.warning("broken broker message set aside", extra={"file": path.name})
        moved.append(target)
    return moved


def bind_again(app: Celery, folder: Path) -> None:
    """Before a task is sent: replace bindings that cannot be read, without which its message would go nowhere."""
    if not set_aside_broken(folder, bindings_only=True):
        return
    with app.connection_for_write() as connection:
        for queue in app.amqp.queues.values():
            queue(connection.default_channel).declare()


def _broken(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        try:
            if _readable(path):
                continue
            young = SETTLED - (time.time() - path.stat().st_mtime)
            time.sleep(min(max(young, 0.0), SETTLED))
            if not _readable(path):
                yield path
        except FileNotFoundError:  # a worker took it
            continue


def _readable(path: Path) -> bool:
    try:
        content = json.loads(path.read_bytes())
    except ValueError:
        return False
    if path.suffix == ".exchange":
        return isinstance(content, list)
    return isinstance(content, dict) and {"body", "properties"} <= content.keys()
