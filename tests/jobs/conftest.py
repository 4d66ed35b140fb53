from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _no_progress_of_other_tests() -> Iterator[None]:
    """Rows are undone after a test and their numbers come again; the cache would still tell of them."""
    cache.clear()
    yield
    cache.clear()
