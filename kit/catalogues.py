"""Compile the message catalogues (.po → .mo). The .mo are made when the application is installed and are not committed."""

import hashlib
import os
from pathlib import Path

import polib

SOURCE = "X-Source-SHA256"


def compile_stale(folder: Path) -> list[Path]:
    """Compile each .po below `folder` whose .mo is missing or was made from another text. Return the .mo that were written."""
    written = []
    for po in stale(folder):
        catalogue = polib.pofile(str(po))
        catalogue.metadata[SOURCE] = _digest(po)
        # Processes that read the old file keep it, and none ever sees half of the new one.
        half = po.with_suffix(f".{os.getpid()}.part")
        half.write_bytes(catalogue.to_binary())
        half.replace(po.with_suffix(".mo"))
        written.append(po.with_suffix(".mo"))
    return written


def stale(folder: Path) -> list[Path]:
    """Return each .po below `folder` that its .mo does not name as its source.

    The header of a .mo holds the digest of its .po; file times are unreliable after a checkout or a copy.
    """
    return [po for po in sorted(folder.rglob("*.po")) if not _is_compiled(po)]


def _is_compiled(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return mo.is_file() and f"{SOURCE}: {_digest(po)}".encode() in mo.read_bytes()


def _digest(po: Path) -> str:
    return hashlib.sha256(po.read_bytes()).hexdigest()
