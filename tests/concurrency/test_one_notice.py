"""Two actions that write the same notice at once: one row, and only its writer counts it."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from kit import clock
from notices import outbox, writer
from notices.models import Notice
from tests.factories import make_user

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def both(act: Callable[[], int]) -> list[int]:
    """Run an action in two connections that start together; return the result of each."""
    start, said = threading.Barrier(2), []

    def run() -> None:
        try:
            start.wait()
            with transaction.atomic():
                said.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(said)


def remind() -> int:
    notices = [
        outbox.NewNotice(
            "light_green", person, "unit:1", clock.today(), context={"unit": "u", "year": 115, "overdue": 0}
        )
        for person in PEOPLE
    ]
    return outbox.write(notices)


PEOPLE: list[object] = []


def test_the_same_reminders_written_at_once_are_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    PEOPLE[:] = [make_user() for _ in range(20)]
    known, meet = writer._known, threading.Barrier(2)

    def both_see_nothing(keys: object) -> set[str]:
        found = known(keys)  # type: ignore[arg-type]
        meet.wait(10)
        return found

    monkeypatch.setattr(writer, "_known", both_see_nothing)
    assert both(remind) == [0, 20]
    assert Notice.objects.count() == 20
