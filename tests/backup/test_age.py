"""A backup that is encrypted by age: whole with its key, refused without it, cut or changed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from backup import encryption
from backup.errors import BackupError, Damaged, ToolFailed, WrongKey

pytestmark = pytest.mark.skipif(not shutil.which("age"), reason="age is not installed")
CONTENT = "研習".encode() * 200_000


def identity(folder: Path, name: str) -> tuple[Path, str]:
    """Make a pair of keys; return the file with the private one, and the public one."""
    path = folder / name
    subprocess.run(["age-keygen", "-o", path], check=True, capture_output=True)
    public = subprocess.run(["age-keygen", "-y", path], check=True, capture_output=True, text=True)
    return path, public.stdout.strip()


def encrypted(folder: Path, recipient: str) -> Path:
    path = folder / f"backup{encryption.ending(recipient)}"
    with path.open("wb") as out, encryption.written_to(out, recipient) as stream:
        stream.write(CONTENT)
    return path


def content(path: Path, key: Path | str = "") -> bytes:
    with encryption.opened(path, str(key)) as stream:
        return stream.read()


def test_a_backup_comes_back_with_its_key_and_with_no_other(tmp_path: Path) -> None:
    key, public = identity(tmp_path, "own.txt")
    other, _public = identity(tmp_path, "other.txt")
    encryption.try_out(public)
    path = encrypted(tmp_path, public)
    assert path.name == "backup.tar.age" and CONTENT[:60] not in path.read_bytes()
    assert content(path, key) == CONTENT
    for wrong in (other, ""):
        with pytest.raises(WrongKey):
            content(path, wrong)


def test_the_public_key_may_be_in_a_file(tmp_path: Path) -> None:
    key, public = identity(tmp_path, "own.txt")
    file = tmp_path / "public.txt"
    file.write_text(f"# of the county\n{public}\n")
    assert content(encrypted(tmp_path, str(file)), key) == CONTENT


def test_a_backup_that_was_cut_or_changed_is_damaged(tmp_path: Path) -> None:
    key, public = identity(tmp_path, "own.txt")
    path = encrypted(tmp_path, public)
    whole = path.read_bytes()
    middle = len(whole) // 2
    for broken in (
        whole[:middle],
        whole[:-1],
        whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        b"",
    ):
        path.write_bytes(broken)
        with pytest.raises(Damaged):
            content(path, key)


def test_a_recipient_that_is_none_is_found_before_the_work_begins() -> None:
    with pytest.raises(ToolFailed, match="age"):
        encryption.try_out("age1nobody")


def test_a_private_key_in_place_of_the_public_one_is_refused(tmp_path: Path) -> None:
    key, _public = identity(tmp_path, "own.txt")
    with pytest.raises(BackupError, match="holds a private key"):
        encryption.try_out(str(key))
