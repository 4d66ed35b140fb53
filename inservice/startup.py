"""The start of each process. Settings that are wrong end it with a sentence.

It goes without the garbage collector: what is loaded stays until the process ends, so walking over it again and again frees nothing.
"""

import atexit
import gc
import sys
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


@contextmanager
def ending_with_a_sentence(code: int = 1) -> Iterator[None]:
    """Print what is wrong with the settings, or which outage ended the work, and exit with `code`: a traceback would hide it."""
    from django.core.exceptions import ImproperlyConfigured

    try:
        yield
    except ImproperlyConfigured as error:
        _say(f"The settings are wrong: {error}")
        sys.exit(code)
    except Exception as error:
        from kit.migration_state import NotMigrated
        from kit.outages import is_outage

        if isinstance(error, NotMigrated):
            _say(str(error))
            sys.exit(code)
        if not is_outage(error):
            raise
        _say(
            f"The database or a disk is away, busy or full: {error} (with manage.py, --traceback shows where)."
        )
        sys.exit(code)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
