"""A start without the garbage collector: what is loaded stays until the process ends, so walking over it again and again frees nothing."""

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager


def begin() -> None:
    gc.disable()


def loaded() -> None:
    """What was made so far is set aside for good: no later collection, in a request or after a fork, walks over it.

    The same at the end: the system takes the memory back at once, where Python would look for what belongs together.
    """
    gc.freeze()
    gc.enable()
    atexit.register(gc.freeze)


@contextmanager
def loading() -> Iterator[None]:
    begin()
    try:
        yield
    finally:
        loaded()
