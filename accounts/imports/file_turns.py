"""One import writes at a time: two that touch the same people or units in another order would wait for each other for ever."""

import time
from pathlib import Path

from accounts.acting import Actor
from accounts.imports.people_lines import NEEDED, Units
from accounts.locks import lock_actor, share_units, try_import_queue
from accounts.models.unit import listed_code
from jobs.errors import HatGone
from jobs.progress import Progress
from kit.tables import open_table

PAUSE = 0.3


def wait_for_turn(progress: Progress) -> None:
    """Wait, inside the import's transaction, until no other import writes. The job keeps its heartbeat and may be cancelled."""
    while not try_import_queue():
        progress.step(0)
        time.sleep(PAUSE)


def share_units_of(path: str | Path, units: Units) -> None:
    """Share every unit that a file of people names, before its people are locked, and read again which of them have closed.

    Until the import is saved none of them closes: nobody is entered or appointed at a unit that closed meanwhile.
    """
    codes = {listed_code(line["學校代碼"]) for line in open_table(path, NEEDED).lines}
    named = {unit.pk: unit for code in codes for unit in units.get(code, ())}
    for pk, now in share_units(named).items():
        named[pk].until = now.until


def require_sender(by: Actor | None) -> None:
    """Share the account of who sent the file, as the last lock of the import. Raise HatGone when it has ended meanwhile."""
    now = lock_actor(by) if by else None
    if now and not now.is_in_force:
        raise HatGone
