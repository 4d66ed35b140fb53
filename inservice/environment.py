"""The environment as the settings read it: a value that cannot be read ends the start with a sentence that names its variable.

The value itself is not shown, as it may be a secret.
"""

import base64
import errno
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from kit import private_files

YES = frozenset(environ.Env.BOOLEAN_TRUE_STRINGS)
# Of a key that Fernet takes.
KEY_BYTES = 32
NO = frozenset({"false", "off", "n", "no", "0", ""})


def _unreadable(variable: str, wanted: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(
        f"{variable} in the environment or in .env cannot be read: it must be {wanted}."
    )


def _is_field_key(key: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(key)) == KEY_BYTES
    except ValueError:
        return False


@contextmanager
def usable(variable: str, path: Path) -> Iterator[None]:
    """Raise ImproperlyConfigured, which names the variable and the path, for trouble of the file system inside."""
    try:
        yield
    except UnicodeDecodeError:
        raise ImproperlyConfigured(f"{path} ({variable}) cannot be read: it is no text in UTF-8.") from None
    except OSError as error:
        why = "there is a file of that name" if error.errno == errno.EEXIST else error.strerror
        raise ImproperlyConfigured(f"{path} ({variable}) cannot be used: {why}.") from None


def _require(path: Path, access: int) -> None:
    """Raise OSError unless this process has so much access to a path."""
    if not os.access(path, access):
        code = errno.EROFS if os.statvfs(path).f_flag & os.ST_RDONLY else errno.EACCES
        raise OSError(code, os.strerror(code))


def folder(var: str, path: Path, *, is_private: bool = True, is_written: bool = True) -> Path:
    """Make the folder that a variable names, or one below it, which this process must be able to write to."""
    with usable(var, path):
        private_files.folder(path) if is_private else path.mkdir(parents=True, exist_ok=True)
        if is_written:
            _require(path, os.W_OK | os.X_OK)
    return path


def own_file(var: str, path: Path, content: str = "") -> Path:
    """Make a file with `content` in the folder that a variable names, unless it is there; this process must be able to change it."""
    with usable(var, path):
        private_files.file(path, content)
        _require(path, os.R_OK | os.W_OK)
    return path


class Environment(environ.Env):  # type: ignore[misc]  # the library has no types
    """`environ.Env`, whose errors name the variable. A yes or no that is neither is an error as well, not a no."""

    def bool(self, var: str, default: Any = environ.Env.NOTSET) -> Any:
        text = self.get_value(var, cast=str, default=default)
        if isinstance(text, str):
            word = text.strip().lower()
            if word not in YES | NO:
                raise _unreadable(var, "yes or no")
            return word in YES
        return text

    def int(self, var: str, default: Any = environ.Env.NOTSET) -> Any:
        return self._read(var, "a whole number", super().int, default)

    def float(self, var: str, default: Any = environ.Env.NOTSET) -> Any:
        return self._read(var, "a number", super().float, default)

    def json(self, var: str, default: Any = environ.Env.NOTSET) -> Any:
        return self._read(var, "JSON", super().json, default)

    def db_url(self, var: str, default: Any = environ.Env.NOTSET) -> Any:
        return self._read(
            var,
            "the address of a database such as postgres://name:password@host/database",
            super().db_url,
            default,
        )

    def email_url(self, var: str, default: Any = environ.Env.NOTSET) -> Any:
        return self._read(
            var,
            "the address of a mail server such as smtp+tls://name:password@host:587",
            super().email_url,
            default,
        )

    def read_file(self, path: Path) -> None:
        """Read a file of variables, if there is one: one that may not be read would start the site as if nothing were set."""
        with usable(".env", path):
            if path.exists():
                path.read_text(encoding="utf-8")
                self.read_env(path)

    def rate(self, var: str, default: str) -> str:
        """Return a number of requests in a time such as `600/minute`; empty for no limit."""
        text = str(self.get_value(var, default=default)).strip()
        if text and not re.fullmatch(r"[1-9]\d*/(second|minute|hour|day|[smhd])", text):
            raise _unreadable(var, "a rate such as 600/minute")
        return text

    def choice(self, var: str, of: Sequence[str], default: str) -> str:
        """Return one of some words."""
        text = str(self.get_value(var, default=default))
        if text not in of:
            raise _unreadable(var, f"one of {', '.join(of)}")
        return text

    def text(self, var: str, default: str = "") -> str:
        """Return a text for which nothing is no value of its own: what is set to nothing is as what is not set."""
        found = str(self.get_value(var, default=""))
        return found if found.strip() else default

    def place(self, var: str, default: Path) -> Path:
        """Return a folder: never the one in which the process starts, as an empty path would be."""
        return Path(self.text(var, str(default)).strip())

    def field_keys(self, var: str, default: list[str]) -> list[str]:
        """Return the keys that seal single fields, the newest first: each is 32 bytes, written in Base64 as addresses take it."""
        if not (text := self.text(var)):
            return default
        found = [key.strip() for key in text.split(",")]
        if not all(map(_is_field_key, found)):
            raise _unreadable(
                var, "one key or several with commas between them, each as deploy/make-env writes it"
            )
        return found

    @staticmethod
    def _read(var: str, wanted: str, read: Any, default: Any) -> Any:
        try:
            return read(var, default=default)
        except (ValueError, ImproperlyConfigured):
            raise _unreadable(var, wanted) from None
