"""A cache that survives an outage: while its server is down, frozen or full, each process uses its own memory.

The cache is never authoritative (counts of the catalogue, progress of a job, limits of attempts beside those in the database),
so a page without it still works. An attempt is limited in time; after a failure the next one waits for a few seconds, so that a
frozen server costs one request half a second and not every request.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)
PAUSE = 5.0


class Breaker:
    """Whether a server is tried. Shared by all threads of a process, as each has a cache object of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._away = False
        self._next_try = 0.0

    @property
    def is_away(self) -> bool:
        return self._away

    def may_try(self) -> bool:
        """While the server is away one thread in `PAUSE` seconds finds out whether it is back."""
        if not self._away:
            return True
        with self._lock:
            if time.monotonic() < self._next_try:
                return False
            self._next_try = time.monotonic() + PAUSE
            return True

    def failed(self, error: Exception) -> None:
        with self._lock:
            if not self._away:
                logger.error("cache away", extra={"error": type(error).__name__})
            self._away = True
            self._next_try = time.monotonic() + PAUSE

    def succeeded(self) -> bool:
        """Return whether the server was away until now."""
        if not self._away:
            return False
        with self._lock:
            was_away, self._away = self._away, False
        if was_away:
            logger.warning("cache back")
        return was_away


_breakers: dict[str, Breaker] = {}


class FallbackCache(BaseCache):
    """`OPTIONS["far"]` names the backend that is meant; the other options and `LOCATION` are for it."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        options = dict(params.get("OPTIONS", {}))
        backend = import_string(options.pop("far"))
        self._far: BaseCache = backend(location, {**params, "OPTIONS": options})
        self._near = LocMemCache(f"near:{location}", {})
        self._breaker = _breakers.setdefault(str(location), Breaker())

    @property
    def is_away(self) -> bool:
        """Return whether the last try of the server failed, so that this process uses its own memory."""
        return self._breaker.is_away

    def _ask(self, question: Callable[[BaseCache], Any]) -> Any:
        if self._breaker.may_try():
            try:
                answer = question(self._far)
            except _away() as error:
                self._breaker.failed(error)
            else:
                if self._breaker.succeeded():
                    self._near.clear()
                return answer
        return question(self._near)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._ask(lambda cache: cache.add(key, value, timeout, version)))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._ask(lambda cache: cache.get(key, default, version))

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._ask(lambda cache: cache.set(key, value, timeout, version))

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._ask(lambda cache: cache.touch(key, timeout, version)))

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(self._ask(lambda cache: cache.delete(key, version)))

    def has_key(self, key: str, version: int | None = None) -> bool:
        return bool(self._ask(lambda cache: cache.has_key(key, version)))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        return int(self._ask(lambda cache: cache.incr(key, delta, version)))

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        wanted = list(keys)
        return dict(self._ask(lambda cache: cache.get_many(wanted, version)))

    def set_many(
        self, data: Mapping[str, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[str]:
        return list(self._ask(lambda cache: cache.set_many(dict(data), timeout, version)))

    def delete_many(self, keys: Iterable[str], version: int | None = None) -> None:
        wanted = list(keys)
        self._ask(lambda cache: cache.delete_many(wanted, version))

    def clear(self) -> None:
        self._ask(lambda cache: cache.clear())

    def close(self, **kwargs: Any) -> None:
        self._far.close(**kwargs)


def _away() -> tuple[type[Exception], ...]:
    """Return the exceptions of a server or disk that is unavailable. The library is imported only where it is used."""
    import sys

    redis = sys.modules.get("redis")
    return (OSError, redis.RedisError) if redis else (OSError,)
