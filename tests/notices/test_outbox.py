"""Draining: one connection, one claim a batch; a broken address stops nobody, a crash loses nothing, a silent server costs nothing."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from bench.smtp_sink import sink
from inservice import clock
from notices import outbox, tasks
from notices.models import Notice
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def letters(*names: str) -> None:
    outbox.write(
        outbox.Letter(
            "light_green",
            make_user(email=f"{n}@x.example"),
            n,
            clock.today(),
            context={"unit": n, "year": 115},
        )
        for n in names
    )


@pytest.fixture
def smtp(settings: Any) -> Any:
    def use(port: int) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port

    return use


def test_all_letters_leave_over_one_connection_in_batches(smtp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "BATCH", 4)
    letters(*"abcdefghij")
    with sink() as server:
        smtp(server.port)
        assert tasks.drain_outbox() == {"sent": 10, "failed": 0}
        assert (server.count["mails"], server.count["connections"]) == (10, 1)
    assert not Notice.objects.unsent().exists() and not Notice.objects.exclude(claim=None).exists()


def test_an_address_that_the_server_refuses_stops_no_other(smtp: Any) -> None:
    letters(*"abc")
    with sink(refuses="b@x.example") as server:
        smtp(server.port)
        assert outbox.drain_all() == {"sent": 2, "failed": 1}
        assert server.count["mails"] == 2
    row = Notice.objects.get(recipient__email="b@x.example")
    assert row.attempts == 1 and "no such mailbox" in row.last_error and row.mailed_at is None


def test_a_server_that_does_not_answer_costs_nobody_an_attempt(smtp: Any) -> None:
    letters(*"ab")
    with sink() as server:
        smtp(server.port)
    for _ in range(Notice.MAX_ATTEMPTS + 1):
        assert outbox.drain_all() == {"sent": 0, "failed": 0}
    assert set(Notice.objects.values_list("attempts", "claim", "held_until")) == {(0, None, None)}


def test_the_number_of_statements_does_not_grow_with_the_batch(
    mailoutbox: Any, django_assert_num_queries: Any
) -> None:
    for names in ("a", "bcdefg"):
        letters(*names)
        with django_assert_num_queries(5):
            outbox.drain()
    assert len(mailoutbox) == 7


def test_two_workers_never_hold_the_same_row() -> None:
    letters(*"abcd")
    first, second = outbox._claim(3), outbox._claim(3)
    assert {n.pk for n in first}.isdisjoint(n.pk for n in second) and len(first) + len(second) == 4


def test_without_the_claim_two_workers_would_send_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    letters("a")
    monkeypatch.setattr(type(Notice.objects.all()), "free", lambda self, at: self.unsent())
    assert outbox._claim(1) == outbox._claim(1) != []


def test_after_a_crash_the_batch_is_sent_when_its_claim_runs_out(mailoutbox: Any) -> None:
    letters(*"ab")
    assert len(outbox._claim(10)) == 2  # and here the machine stops
    assert outbox.drain() == {"sent": 0, "failed": 0}
    with time_machine.travel(clock.now() + outbox.LEASE + timedelta(seconds=1), tick=False):
        assert outbox.drain() == {"sent": 2, "failed": 0}
    assert len(mailoutbox) == 2


def test_a_worker_told_to_stop_marks_what_has_left_and_gives_the_rest_back(
    mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters(*"abc")
    send = outbox._send

    def stopped(notice: Notice, connection: Any) -> str:
        if notice.recipient.email == "b@x.example":
            raise SystemExit
        return send(notice, connection)

    monkeypatch.setattr(outbox, "_send", stopped)
    with pytest.raises(SystemExit):
        outbox.drain()
    monkeypatch.setattr(outbox, "_send", send)
    assert outbox.drain() == {"sent": 2, "failed": 0}
    assert sorted(mail.to[0][0] for mail in mailoutbox) == ["a", "b", "c"]


def test_a_worker_whose_claim_was_taken_over_marks_nothing_of_the_others(mailoutbox: Any) -> None:
    letters("a")
    mine = outbox._claim(1)
    with time_machine.travel(clock.now() + outbox.LEASE * 2, tick=False):
        theirs = outbox._claim(1)
        outbox._mark(mine, [], {mine[0].pk: "late"})
        assert Notice.objects.get().claim == theirs[0].claim and Notice.objects.get().last_error == ""
