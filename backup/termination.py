"""A run that is ended by a signal clears up like one that fails: what it staged is unencrypted."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def clearing_up() -> Iterator[None]:
    """Inside, the signals that end a process raise SystemExit: files and programs of the run end with it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # What the shell ignores (nohup) stays ignored.
    former = {
        number: signal.signal(number, _end)
        for number in SIGNALS
        if signal.getsignal(number) == signal.SIG_DFL
    }
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _end(number: int, _frame: object) -> None:
    # A second one must not interrupt the clearing.
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    sys.exit(128 + number)
