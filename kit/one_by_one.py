"""Work that goes over many things at night: one that fails keeps no other from its turn, and the failures are raised at the end."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

Turn = Callable[[object], AbstractContextManager[None]]


@contextmanager
def one_by_one(logger: logging.Logger, failure: str) -> Iterator[Turn]:
    """Give each thing a turn: `with one_by_one(logger, "accounts could not be looked at") as turn: … with turn(account.pk): …`.

    An unexpected error ends its own turn only; it is logged with the name of the thing. Raise an `ExceptionGroup` of all at the end, so
    that the task fails and those who watch it see it.
    """
    failed: list[Exception] = []

    @contextmanager
    def turn(name: object) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            logger.exception("%s: %s", failure, name)
            error.add_note(str(name))
            failed.append(error)

    yield turn
    if failed:
        raise ExceptionGroup(failure, failed)
