"""Keep what was read from some tables, until one of them is written.

Each app names groups of tables (`GROUPS`). A group has a version in the cache, and what `kept` keeps is found under this version
only. Every statement of this application that writes a table of the group, be it a queryset, plain SQL or a row of a many-to-many
relation, replaces the version as soon as its transaction is committed, for all processes that share the cache.

Nothing is kept for longer than the minute of the clock in which it was read, so times of day may matter to it. That minute also
bounds what cannot be noticed: a statement of another program, a process that is killed between its commit and the new version.
Versions are shared by all processes, what is kept only by those that run the same code (`kit.code_version`). While the cache's server is
away, and inside of a transaction, everything is read anew.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar
from uuid import uuid4

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Model

from kit import clock, request_memo
from kit.code_version import keyed
from kit.registry import Registry

T = TypeVar("T")
SECONDS = 90
_WRITTEN = re.compile(
    r"\b(?:INSERT (?:OR \w+ )?INTO|UPDATE(?: OR \w+)?|DELETE FROM|TRUNCATE(?: TABLE)?)\s+(?:ONLY\s+)?\"?(\w+)\"?"
)
_READS = ("SELECT", "SAVEPOINT", "RELEASE")


@dataclass(frozen=True)
class Group:
    """`tables` are the names in the database. `but` finds statements that change nothing that is kept."""

    tables: frozenset[str]
    but: re.Pattern[str] | None = None

    def is_written_by(self, sql: str, tables: Iterable[str]) -> bool:
        if self.tables.isdisjoint(tables):
            return False
        return self.but is None or not self.but.search(sql)


GROUPS: Registry[Group] = Registry("group of tables")


def group(*models: type[Model], but: str = "") -> Group:
    """Return the group of the models' tables. `but`: a regular expression of statements that do not count."""
    return Group(frozenset(model._meta.db_table for model in models), re.compile(but) if but else None)


def _tables(sql: str) -> tuple[str, ...]:
    """Return the tables that a statement writes."""
    return () if sql.lstrip().startswith(_READS) else tuple(_WRITTEN.findall(sql))


# The statements of an application are few, but those of many rows are long and never the same.
LONGEST_CACHED = 4000
_cached_tables = lru_cache(maxsize=1024)(_tables)


class Watcher:
    """A wrapper of a connection's statements: it notes which groups they write."""

    def __init__(self) -> None:
        self.written: set[str] = set()

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        result = execute(sql, params, many, context)
        if tables := (_cached_tables if len(sql) < LONGEST_CACHED else _tables)(sql):
            self._note(sql, tables, context["connection"].alias)
        return result

    def _note(self, sql: str, tables: Iterable[str], alias: str) -> None:
        if names := {name for name, row in GROUPS.items() if row.is_written_by(sql, tables)}:
            self.written |= names
            transaction.on_commit(self._renew, using=alias, robust=True)

    def _renew(self) -> None:
        """Called for each statement of a transaction. What one that was rolled back has noted is renewed with the next."""
        names, self.written = self.written, set()
        renew(names)


def watch_connection(sender: Any, connection: Any, **facts: Any) -> None:
    """Receiver of `connection_created`: it is sent again when a connection was lost.

    First of the wrappers: `execute_wrapper`, within which a connection may be made, takes away the last.
    """
    if not any(isinstance(wrapper, Watcher) for wrapper in connection.execute_wrappers):
        connection.execute_wrappers.insert(0, Watcher())


# Groups whose new version did not reach the cache's server.
_unsent: set[str] = set()


def renew(names: Iterable[str]) -> None:
    """Forget what is kept of these groups."""
    found = set(names)
    if not found:
        return
    request_memo.forget(_versions)
    cache.set_many({_key(name): uuid4().hex for name in found}, None)
    _unsent.update(found if _is_away() else ())


def is_caching() -> bool:
    """Return whether anything is kept now: not inside of a transaction, nor while the cache's server is away."""
    return not (connection.in_atomic_block or _is_away())


def cached(name: str, question: str, read: Callable[[], T]) -> T:
    """Return what `read` returns, or what it returned a moment ago for the same question to the same tables.

    The question names everything else that the result depends on: the language, the day if it is another one than today, and the
    reader where it matters who that is. The result is pickled, and is not None.
    """
    if not is_caching():
        return read()
    version = request_memo.once(_versions, _versions)[name]
    minute = f"{clock.now():%d%H%M}"
    key = keyed(f"kept:{name}:{version}:{minute}:{hashlib.sha256(question.encode()).hexdigest()}")
    found: T | None = cache.get(key)
    if found is None:
        found = read()
        cache.set(key, found, SECONDS)
    return found


def _versions() -> dict[str, str]:
    """Return the version of each group: read once a request."""
    if _unsent:
        names = set(_unsent)
        _unsent.clear()
        renew(names)
    found = cache.get_many([_key(name) for name in GROUPS])
    missing = {_key(name): uuid4().hex for name in GROUPS if _key(name) not in found}
    for key, version in missing.items():
        cache.add(key, version, None)
    if missing:
        found = missing | cache.get_many([_key(name) for name in GROUPS])
    return {name: found[_key(name)] for name in GROUPS}


def _key(name: str) -> str:
    return f"version:{name}"


def _is_away() -> bool:
    return bool(getattr(cache, "is_away", False))
