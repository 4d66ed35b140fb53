"""The same request twice at the same time: it runs once, and the second one gets a time to retry (PostgreSQL)."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from courses.models import Enrolment
from tests.api.client import api
from tests.concurrency.race import at_once, one_then_other
from tests.factories import make_course, make_user

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def sending(number: int = 2) -> list[Callable[[], Any]]:
    """Return the same request of one person through several keys.

    Through one key the second would wait at the key's row, which `one_then_other` holds although a request lets it go.
    """
    course, person = make_course(), make_user()
    path = f"/api/v1/courses/{course.code}/enrol/"
    return [
        partial(client.post, path, headers={"Idempotency-Key": "once"})
        for client in [api(person) for _ in range(number)]
    ]


def test_the_second_waits_for_nothing_and_is_refused_with_a_time_to_come_again() -> None:
    send = sending()
    first, second = one_then_other(*send, patience=20)
    assert first.status_code == 201
    assert (second.status_code, second.json()["code"], second["Retry-After"]) == (409, "RequestRunning", "1")
    again = send[1]()
    assert again.content == first.content and again["Idempotency-Replayed"] == "true"


def test_without_the_lock_the_second_waits_and_reads_that_it_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.idempotency.try_idempotency_key", lambda *_: True)
    first, second = one_then_other(*sending(), patience=60, until_it_waits=True)
    assert first.status_code == 201 and second.json()["code"] == "AlreadyEnrolled"


def test_many_at_once_are_done_once_and_all_know_how() -> None:
    answers = at_once(sending(1) * 20, threads=10)
    done = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.content for answer in done}) == 1
    assert {a.json()["code"] for a in answers if a.status_code != 201} <= {"RequestRunning"}
    assert Enrolment.objects.count() == 1
