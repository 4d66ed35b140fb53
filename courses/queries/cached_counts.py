"""Numbers over very many courses are kept for some minutes; over a few they are always counted anew.

A catalogue of the whole country has thousands of courses ahead: counting each facet of them costs more than everything else on the
page, and nobody reads the difference between 15,718 and 15,721. What a school or a search of two words finds is never kept.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import urlencode

from django.core.cache import cache

from kit import clock

MANY = 1000
SECONDS = 300
T = TypeVar("T")


def kept(
    kind: str,
    asked: Mapping[str, str],
    make: Callable[[], T],
    size: Callable[[T], int],
    *,
    anew: bool = False,
) -> T:
    """What `make` answers to a query of the catalogue; from the cache when it was large at most five minutes ago.

    `asked` is the query with its parameters in one order, `size` how many courses an answer counted, `anew` counts in any case.
    """
    words = f"{clock.today()}:{urlencode(sorted(asked.items()))}"
    key = f"catalogue:{kind}:{hashlib.sha256(words.encode()).hexdigest()}"
    found: T | None = None if anew else cache.get(key)
    if found is None:
        found = make()
        if size(found) > MANY:
            cache.set(key, found, SECONDS)
    return found
