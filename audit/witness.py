"""The witness file: the digest of each sealed block, kept outside the database.

An attacker with write access to the database can restore an earlier state, seals included; no key prevents that. So sealing a
block appends one line to `AUDIT_WITNESS` (empty: none), and `verify` checks that each block named there still exists.
"""

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

logger = logging.getLogger("audit.seal")


@dataclass(frozen=True)
class Line:
    """One sealed block as it was when it was sealed."""

    chain: str
    block: int
    digest: str


def can_be_written() -> bool:
    """Return whether this process may append to the file, or make it; True where none is wanted."""
    path = Path(settings.AUDIT_WITNESS)
    place = path if path.exists() else path.parent
    return not settings.AUDIT_WITNESS or not path.is_dir() and os.access(place, os.W_OK)


def write(chain: str, block: int, digest: str) -> None:
    """Append one line, only readable by this account of the machine. A full disk is logged and stops nothing."""
    if not settings.AUDIT_WITNESS:
        return
    text = json.dumps({"chain": str(chain), "block": block, "digest": digest}) + "\n"
    try:
        handle = os.open(settings.AUDIT_WITNESS, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, text.encode())
        finally:
            os.close(handle)
    except OSError as error:
        logger.error("The witness file cannot be written: %s", error)


def lines() -> Iterator[Line]:
    """Yield the lines of the file; a line that a crash cut short is skipped."""
    if not settings.AUDIT_WITNESS or not Path(settings.AUDIT_WITNESS).exists():
        return
    with Path(settings.AUDIT_WITNESS).open(encoding="utf-8", errors="replace") as file:
        for text in file:
            try:
                found = json.loads(text)
                yield Line(str(found["chain"]), int(found["block"]), str(found["digest"]))
            except (ValueError, KeyError, TypeError):
                logger.warning("The witness file has a line that cannot be read.")
