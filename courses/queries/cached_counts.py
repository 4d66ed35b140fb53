"""Cache large counts for some minutes; count small ones each time.

The country's catalogue has thousands of coming courses: counting each facet of them costs more than everything else on the
page, and the difference between 15,718 and 15,721 matters to no reader. The counts of a school or of a search of two words are
never cached.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import urlencode

from django.core.cache import cache

from kit import clock
from kit.code_version import keyed

MANY = 1000
SECONDS = 300
T = TypeVar("T")


def cached(
    kind: str,
    query: Mapping[str, str],
    make: Callable[[], T],
    size: Callable[[T], int],
    *,
    anew: bool = False,
) -> T:
    """Return the result of `make` for a query of the catalogue, from the cache if it was large and is at most five minutes
    old.

    `query` is the query with its parameters in a fixed order, `size` returns how many courses a result counted, `anew` bypasses
    the cache.
    """
    words = f"{clock.today()}:{urlencode(sorted(query.items()))}"
    key = keyed(f"catalogue:{kind}:{hashlib.sha256(words.encode()).hexdigest()}")
    found: T | None = None if anew else cache.get(key)
    if found is None:
        found = make()
        if size(found) > MANY:
            cache.set(key, found, SECONDS)
    return found
