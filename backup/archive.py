"""The file of a backup: a tar archive, written and read as a stream, whose last member lists every other with its SHA-256.

`database/…` is the dump, `files/…` what people sent, `manifest.json` the list. An archive without it was cut short. `manifest.mac` is a keyed
hash of the list (HMAC-SHA256 under a key derived from AUDIT_KEY): who has the public key alone can write an archive, and no MAC
(docs/adr/0043-a-mac-for-each-backup.md).
"""

import hashlib
import io
import json
import shutil
import tarfile
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from backup.errors import Damaged, ForeignMac, NoMac
from kit import private_files

MANIFEST, MAC = "manifest.json", "manifest.mac"
DATABASE, FILES = "database", "files"
BLOCK = 1 << 20
# What a restore reads of the list.
LISTED = {
    "digests": dict, "facts": dict, "missing": list, "deleted": list, "made_at": str, "product": str, "database": str,
}  # fmt: skip


class Writer:
    """Adds members to an archive and keeps their digests."""

    def __init__(self, stream: BinaryIO) -> None:
        self.tar = tarfile.open(fileobj=stream, mode="w|")  # noqa: SIM115 - closed by `finish`
        self.digests: dict[str, str] = {}

    def add_folder(self, folder: Path, name: str) -> None:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            with path.open("rb") as file:
                self.add(f"{name}/{path.relative_to(folder)}", file, path.stat().st_size)

    def add(self, name: str, file: IO[bytes], size: int) -> str:
        """Add a member of so many bytes; return its digest."""
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        source = _Digesting(file)
        self.tar.addfile(member, source)
        self.digests[name] = source.total.hexdigest()
        return self.digests[name]

    def finish(self, facts: dict[str, Any]) -> None:
        text = json.dumps({**facts, "digests": self.digests}, ensure_ascii=False, indent=1).encode()
        for name, content in ((MANIFEST, text), (MAC, mac_of(text).encode())):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o600
            self.tar.addfile(member, io.BytesIO(content))
        self.tar.close()


def mac_of(manifest: bytes) -> str:
    """Return the keyed hash of a manifest, as hexadecimal digits."""
    return salted_hmac("backup.manifest", manifest, secret=settings.AUDIT_KEY, algorithm="sha256").hexdigest()


def require_mac(folder: Path) -> None:
    """Raise NoMac, ForeignMac unless the manifest of an unpacked archive was written with this AUDIT_KEY."""
    path = folder / MAC
    if not path.is_file():
        raise NoMac
    if not constant_time_compare(path.read_bytes(), mac_of((folder / MANIFEST).read_bytes())):
        raise ForeignMac


class _Digesting:
    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.total = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self.file.read(size)
        self.total.update(block)
        return block


def unpack(stream: BinaryIO, folder: Path) -> dict[str, Any]:
    """Unpack an archive and compare every member with the manifest, which is returned. Raise Damaged."""
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for member in tar:
                _extract(tar, member, folder)
    # ValueError: a name with a NUL, a number that is none, in a header that was written by hand.
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        if isinstance(error, OSError) and error.errno:
            # This machine's own trouble, such as a full disk: the backup may well be whole.
            raise
        raise Damaged(str(error) or type(error).__name__) from error
    manifest = _manifest(folder)
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {MANIFEST, MAC}
    if missing := sorted(manifest["digests"].keys() - there):
        raise Damaged(f"{missing[0]} is missing")
    if strange := sorted(there - manifest["digests"].keys()):
        raise Damaged(f"{strange[0]} is not in its list")
    for name, digest in manifest["digests"].items():
        if digest_of(folder / name) != digest:
            raise Damaged(f"{name} is not what was written")
    return manifest


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Write a member into the folder. Raise Damaged for what no backup holds: links, devices, a path that leads elsewhere.

    Python 3.11.2, as Debian 12 has it, knows no filters of `extractall` yet.
    """
    path = PurePosixPath(member.name)
    source = tar.extractfile(member) if member.isreg() else None
    if source is None or path.is_absolute() or ".." in path.parts:
        raise Damaged(f"{member.name} is no file of a backup")
    target = folder / path
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        out = private_files.new_file(target)
    except (FileExistsError, NotADirectoryError):
        raise Damaged(f"{member.name} is there twice") from None
    with source, out:
        shutil.copyfileobj(source, out, BLOCK)


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        found = dict(json.loads((folder / MANIFEST).read_text()))
    except FileNotFoundError:
        raise Damaged("its list is missing") from None
    except (ValueError, TypeError):
        raise Damaged("its list cannot be read") from None
    if missing := [name for name, kind in LISTED.items() if not isinstance(found.get(name), kind)]:
        raise Damaged(f"its list lacks {missing[0]}")
    return found


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
