"""Draining: one connection, one claim a batch; a broken address stops nobody, a crash loses nothing, a silent server costs nothing."""

import smtplib
from datetime import timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine

from kit import clock
from notices import outbox, tasks
from notices.models import Notice
from tests.factories import make_user
from tests.smtp_sink import sink

pytestmark = pytest.mark.django_db


def write_notices(*names: str) -> None:
    outbox.write(
        outbox.NewNotice(
            "light_green",
            make_user(email=f"{n}@x.example"),
            n,
            clock.today(),
            context={"unit": n, "year": 115},
        )
        for n in names
    )


class Refused:
    """A mail that the server takes at no time."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __call__(self, *_facts: Any) -> Any:
        return self

    def send(self) -> None:
        raise self.error


@pytest.fixture
def smtp(settings: Any) -> Any:
    def use(port: int) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port

    return use


def test_all_mails_leave_over_one_connection_in_batches(smtp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "BATCH", 4)
    write_notices(*"abcdefghij")
    with sink() as server:
        smtp(server.port)
        assert tasks.drain_outbox() == {"sent": 10, "failed": 0}
        assert (server.count["mails"], server.count["connections"]) == (10, 1)
    assert not Notice.objects.unsent().exists() and not Notice.objects.exclude(claim=None).exists()


def test_an_address_that_the_server_refuses_stops_no_other(smtp: Any) -> None:
    write_notices(*"abc")
    with sink(refuses="b@x.example") as server:
        smtp(server.port)
        assert outbox.drain_all() == {"sent": 2, "failed": 1}
        assert server.count["mails"] == 2
    row = Notice.objects.get(recipient__email="b@x.example")
    assert row.attempts == 1 and "no such mailbox" in row.last_error and row.mailed_at is None
    assert list(Notice.objects.given_up()) == [row], "the operator reads of it at once"


@pytest.mark.parametrize(
    ("reply", "listed"), [("550 5.1.1 unknown", 1), ("550 5.7.1 relaying denied", 0), ("451 busy", 0)]
)
def test_only_a_reply_about_the_mailbox_itself_is_final(
    monkeypatch: pytest.MonkeyPatch, reply: str, listed: int
) -> None:
    write_notices("a")
    code, text = reply.split(" ", 1)
    refusal = smtplib.SMTPRecipientsRefused({"a@x.example": (int(code), text.encode())})
    monkeypatch.setattr(outbox, "_mail", Refused(refusal))
    assert outbox.drain() == {"sent": 0, "failed": 1}
    assert Notice.objects.given_up().count() == listed and Notice.objects.unsent().count() == 1 - listed


def test_a_busy_server_is_tried_for_days_with_growing_pauses_and_then_the_mail_is_listed(
    mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_notices("a")
    monkeypatch.setattr(outbox, "_mail", Refused(smtplib.SMTPDataError(451, b"come back later")))
    began, tries = clock.now(), []
    for minute in range(5, 6 * 24 * 60, 10):
        with time_machine.travel(began + timedelta(minutes=minute), tick=False):
            tries += [minute] * outbox.drain()["failed"]
    pauses = [later - earlier for earlier, later in pairwise(tries)]
    assert tries[-1] >= 3 * 24 * 60 and pauses == sorted(pauses) and pauses[-1] > 10 * pauses[0]
    row = Notice.objects.given_up().get()
    assert row.failing_since and "come back later" in row.last_error and not Notice.objects.unsent().exists()


def test_a_server_that_is_back_within_days_gets_everything(
    mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_notices(*"abc")
    with monkeypatch.context() as broken:
        broken.setattr(outbox, "_mail", Refused(smtplib.SMTPSenderRefused(451, b"busy", "us")))
        for hours in range(0, 70, 2):
            with time_machine.travel(clock.now() + timedelta(hours=hours), tick=False):
                outbox.drain()
    with time_machine.travel(clock.now() + timedelta(hours=80), tick=False):
        assert outbox.drain_all() == {"sent": 3, "failed": 0}
    assert not Notice.objects.exclude(failing_since=None).exists()


def test_a_slow_server_ends_the_drain_in_time_and_the_rest_is_given_back(
    mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_notices(*"abc")
    send, passed = outbox._send, [0.0]

    def slowly(notice: Notice, *more: Any) -> outbox.Failure | None:
        passed[0] += 20
        return send(notice, *more)

    monkeypatch.setattr(outbox, "_send", slowly)
    monkeypatch.setattr(outbox, "time", SimpleNamespace(monotonic=lambda: passed[0]))
    assert outbox.drain_all(seconds=10) == {"sent": 1, "failed": 0}
    assert set(Notice.objects.unsent().values_list("attempts", "claim")) == {(0, None)}


def test_a_server_that_does_not_answer_costs_nobody_an_attempt(smtp: Any) -> None:
    write_notices(*"ab")
    with sink() as server:
        smtp(server.port)
    for _ in range(6):
        assert outbox.drain_all() == {"sent": 0, "failed": 0}
    assert set(Notice.objects.values_list("attempts", "claim", "held_until")) == {(0, None, None)}


def test_the_number_of_statements_does_not_grow_with_the_batch(
    mailoutbox: Any, django_assert_num_queries: Any
) -> None:
    for names in ("a", "bcdefg"):
        write_notices(*names)
        with django_assert_num_queries(8):
            outbox.drain()
    assert len(mailoutbox) == 7


def test_two_workers_never_hold_the_same_row() -> None:
    write_notices(*"abcd")
    first, second = outbox._claim(3), outbox._claim(3)
    assert {n.pk for n in first}.isdisjoint(n.pk for n in second) and len(first) + len(second) == 4


def test_without_the_claim_two_workers_would_send_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    write_notices("a")
    monkeypatch.setattr(type(Notice.objects.all()), "free", lambda self, at: self.unsent())
    assert outbox._claim(1) == outbox._claim(1) != []


def test_after_a_crash_the_batch_is_sent_when_its_claim_runs_out(mailoutbox: Any) -> None:
    write_notices(*"ab")
    assert len(outbox._claim(10)) == 2  # and here the machine stops
    assert outbox.drain() == {"sent": 0, "failed": 0}
    with time_machine.travel(clock.now() + outbox.LEASE + timedelta(seconds=1), tick=False):
        assert outbox.drain() == {"sent": 2, "failed": 0}
    assert len(mailoutbox) == 2


def test_a_worker_that_is_stopped_marks_what_has_left_and_gives_the_rest_back(
    mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_notices(*"abc")
    send = outbox._send

    def stopped(notice: Notice, *more: Any) -> outbox.Failure | None:
        if notice.recipient and notice.recipient.email == "b@x.example":
            raise SystemExit
        return send(notice, *more)

    monkeypatch.setattr(outbox, "_send", stopped)
    with pytest.raises(SystemExit):
        outbox.drain()
    monkeypatch.setattr(outbox, "_send", send)
    assert outbox.drain() == {"sent": 2, "failed": 0}
    assert sorted(mail.to[0][0] for mail in mailoutbox) == ["a", "b", "c"]


def test_a_worker_whose_claim_was_taken_over_marks_nothing_of_the_others(mailoutbox: Any) -> None:
    write_notices("a")
    mine = outbox._claim(1)
    with time_machine.travel(clock.now() + outbox.LEASE * 2, tick=False):
        theirs = outbox._claim(1)
        outbox._mark(mine, [], {mine[0].pk: outbox.Failure("late")})
        assert Notice.objects.get().claim == theirs[0].claim and Notice.objects.get().last_error == ""


class Away:
    """A connection to a server that cannot be reached."""

    def open(self) -> None:
        raise ConnectionRefusedError("nobody there")


def test_without_a_connection_no_mail_is_tried() -> None:
    with pytest.raises(outbox.Unreachable):
        outbox._connect(Away())  # type: ignore[arg-type]


def test_a_connection_that_is_lost_within_a_batch_costs_no_attempt(
    mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_notices(*"ab")
    monkeypatch.setattr(outbox, "_mail", Refused(ConnectionRefusedError("nobody there")))
    outbox.drain()
    assert set(Notice.objects.values_list("attempts", "last_error")) == {(0, "")}


def test_a_notice_has_an_event_or_a_day_and_never_both() -> None:
    for facts in ({}, {"day": clock.today(), "event": 1}):
        with pytest.raises(ValueError, match="an event, or a day"):
            outbox.NewNotice("light_green", make_user(), "unit:1", **facts)
