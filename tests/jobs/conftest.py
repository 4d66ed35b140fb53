from collections.abc import Iterator

import pytest
from django.core.cache import cache

from jobs import live_status


@pytest.fixture(autouse=True)
def _no_progress_of_other_tests() -> Iterator[None]:
    """Rows are rolled back after a test and their numbers come again; the cache would still have their progress."""
    cache.clear()
    live_status.signs_were_seen()  # as the sweep of the minute before does
    yield
    cache.clear()
