"""One import writes at a time: two that touch the same people or units in another order would wait for each other for ever."""

import time

from accounts.acting import Actor
from accounts.locks import lock_actor, try_import_queue
from jobs.errors import HatGone
from jobs.progress import Progress

PAUSE = 0.3


def wait_for_turn(progress: Progress) -> None:
    """Wait, inside the import's transaction, until no other import writes. The job keeps its heartbeat and may be cancelled."""
    while not try_import_queue():
        progress.step(0)
        time.sleep(PAUSE)


def require_sender(by: Actor | None) -> None:
    """Share the account of who sent the file, as the last lock of the import. Raise HatGone when it has ended meanwhile."""
    now = lock_actor(by) if by else None
    if now and not now.is_in_force:
        raise HatGone
