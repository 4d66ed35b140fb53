"""Encrypt a backup to a public key and open it again: GnuPG, or age where it is installed. No key is ever written into a backup.

A recipient is the path of a file with a public key, the name of a key in GnuPG's own keyring, or a recipient of age (`age1…`). The ending of a backup's file says how it was written.
"""

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO, cast

from backup import programs
from backup.errors import BackupError, Damaged, ToolFailed, WrongKey
from backup.staging import short

PLAIN, GPG, AGE = ".tar", ".tar.gpg", ".tar.age"
ENDINGS = (PLAIN, GPG, AGE)
AGE_KEY = "age1"
# In files of private keys, of GnuPG and of age.
PRIVATE = (b"PRIVATE KEY", b"AGE-SECRET-KEY")


def ending(recipient: str) -> str:
    """Return the ending of the name of a backup for a recipient; none: unencrypted."""
    if not recipient:
        return PLAIN
    return AGE if recipient.startswith(AGE_KEY) or _is_file_of_age(recipient) else GPG


def _is_file_of_age(recipient: str) -> bool:
    """Whether a file has recipients of age: one on a line, beside comments."""
    path = Path(recipient)
    return path.is_file() and any(
        line.startswith(AGE_KEY.encode()) for line in path.read_bytes().splitlines()
    )


def try_out(recipient: str) -> None:
    """Encrypt a word, so that a wrong recipient is found before the work begins. Raise BackupError."""
    if recipient:
        with tempfile.TemporaryFile() as out, written_to(out, recipient) as stream:
            stream.write(b"try")


@contextmanager
def written_to(out: IO[bytes], recipient: str) -> Iterator[BinaryIO]:
    """A stream whose content reaches the file `out` encrypted. Raise ToolFailed."""
    if not recipient:
        yield cast(BinaryIO, out)
        return
    with _home(recipient) as home, tempfile.TemporaryFile() as said:
        command = _encrypting(recipient, home)
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=said)
        try:
            yield cast(BinaryIO, process.stdin)
        except BrokenPipeError:
            # It ended by itself, and says why.
            pass
        except BaseException:
            process.kill()
            raise
        finally:
            _close(cast(BinaryIO, process.stdin))
            process.wait()
        if process.returncode:
            said.seek(0)
            raise ToolFailed(Path(command[0]).name, said.read().decode(errors="replace"))


def _close(stream: BinaryIO) -> None:
    with suppress(BrokenPipeError):
        stream.close()


@contextmanager
def _home(recipient: str) -> Iterator[str]:
    """A home of its own for GnuPG where the key is in a file: nobody's keyring is read or changed."""
    if not Path(recipient).is_file():
        yield ""
        return
    text = Path(recipient).read_bytes()
    if not text.strip():
        raise BackupError(
            f"{recipient} is empty: write the public key there (docs/backup.md, Setting it up)."
        )
    if any(word in text for word in PRIVATE):
        raise BackupError(f"{recipient} holds a private key: keep that elsewhere and name the public one.")
    with short("gpg") as home:
        yield str(home)


def _encrypting(recipient: str, home: str) -> Sequence[str]:
    if ending(recipient) == AGE:
        return [programs.found("age"), "-r" if recipient.startswith(AGE_KEY) else "-R", recipient]
    # Dumps and files of people are compressed already.
    words = [
        programs.found("gpg"),
        "--batch",
        "--quiet",
        "--trust-model",
        "always",
        "--compress-algo",
        "none",
    ]
    if home:
        return [*words, "--homedir", home, "--recipient-file", recipient, "--encrypt"]
    return [*words, "--recipient", recipient, "--encrypt"]


@contextmanager
def opened(path: Path, identity: str = "") -> Iterator[BinaryIO]:
    """The content of a backup, decrypted. Raise WrongKey, Damaged once it was read to its end."""
    if path.name.endswith(PLAIN):
        with path.open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            _decrypting(path, identity), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said
        )
        stream = cast(BinaryIO, process.stdout)
        failure: Exception | None = None
        try:
            yield stream
            # A program that still writes would end by itself; what it says counts.
            while stream.read(1 << 20):
                pass
        except Damaged as error:
            failure = error
        finally:
            stream.close()
            process.wait()
        if process.returncode:
            said.seek(0)
            raise _failure(said.read().decode(errors="replace")) from failure
        if failure:
            raise failure


def _decrypting(path: Path, identity: str) -> Sequence[str]:
    if path.name.endswith(AGE):
        return [programs.found("age"), "--decrypt", *(["-i", identity] if identity else []), str(path)]
    return [programs.found("gpg"), "--batch", "--quiet", "--decrypt", str(path)]


def _failure(said: str) -> BackupError:
    """Return what a program that decrypts complains of; the words are those of GnuPG and age."""
    if "No secret key" in said or "no identity matched" in said:
        return WrongKey()
    lines = [line for line in said.strip().splitlines() if line]
    return Damaged(lines[-1] if lines else "it cannot be decrypted")
