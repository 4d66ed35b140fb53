"""What a task takes along from where it is sent, beside its arguments: each app registers its own headers when it is ready.

The id of a request travels like this, so that the lines of a worker carry the id of the request that caused the work.
"""

from collections.abc import Callable
from dataclasses import dataclass

from kit.registry import Registry


@dataclass(frozen=True)
class Header:
    """`read` returns the value to send, or nothing; `begin` puts it in force in the worker and returns what ends that."""

    read: Callable[[], str]
    begin: Callable[[str], Callable[[], None]]


HEADERS: Registry[Header] = Registry("header of a task")
