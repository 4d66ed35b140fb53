"""One import writes at a time: two that touch the same people or units in another order would wait for each other for ever."""

import time

from accounts.locks import try_import_queue
from jobs.progress import Progress

PAUSE = 0.3


def wait_for_turn(progress: Progress) -> None:
    """Wait, inside the import's transaction, until no other import writes. The job keeps its heartbeat and may be cancelled."""
    while not try_import_queue():
        progress.step(0)
        time.sleep(PAUSE)
