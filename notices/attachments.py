"""Files that go with the mail of a kind. The apps register a function for their kinds; the drain calls it for each batch."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from notices.models import Notice


@dataclass(frozen=True)
class File:
    name: str
    content: bytes
    media_type: str


# The files of a batch of notices, by primary key, in a constant number of queries.
Files = Callable[[Sequence[Notice]], Mapping[int, File]]
_sources: dict[str, Files] = {}


def attaches(kinds: Iterable[str]) -> Callable[[Files], Files]:
    """Register the decorated function as the source of the files of some kinds."""

    def register(files: Files) -> Files:
        _sources.update(dict.fromkeys(kinds, files))
        return files

    return register


def files_of(notices: Sequence[Notice]) -> dict[int, File]:
    """Return the files of the notices that have one."""
    found: dict[int, File] = {}
    for source in dict.fromkeys(_sources.values()):
        mine = [notice for notice in notices if _sources.get(notice.kind) is source]
        found |= source(mine) if mine else {}
    return found
