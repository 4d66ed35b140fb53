"""Which code a process runs, for what processes keep for each other while old and new ones run side by side."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings

_SUFFIXES = frozenset((".py", ".html", ".txt", ".mo"))


@cache
def code_version() -> str:
    """Return a word that is another one after any change of this project's modules, templates or translations.

    It is made of their names, sizes and times of change. Machines that were set up at different times differ too: they share
    less, and nothing wrong.
    """
    return fingerprint(_folders())


def keyed(name: str) -> str:
    """Return the key of something pickled in the cache: another version of the code would not find it, nor fail to read it."""
    return f"{name}:{code_version()}"


def fingerprint(folders: Iterable[Path]) -> str:
    found = hashlib.sha256()
    for folder in sorted(set(folders)):
        for line in sorted(_lines(folder)):
            found.update(line.encode())
    return found.hexdigest()[:12]


def _folders() -> Iterator[Path]:
    """Yield the folders of this project's own code, not those of libraries."""
    base = Path(settings.BASE_DIR)
    for config in apps.get_app_configs():
        path = Path(config.path)
        if path.is_relative_to(base) and "site-packages" not in path.parts:
            yield path
    yield from (base / "kit", base / "templates", base / "locale")


def _lines(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.suffix in _SUFFIXES:
            facts = path.stat()
            yield f"{path.name}:{facts.st_size}:{facts.st_mtime_ns}\n"
