"""Sealing on PostgreSQL: late commits, processes at once, verification meanwhile; each guard has its twin."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from audit import log, seal, verification
from audit.models import AuditChain, AuditEvent, AuditSeal, EventKind
from kit import clock
from tests.concurrency.test_races import at_once
from tests.factories import make_user

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("inside", [True, False])
def test_an_event_committed_late_enters_a_later_block(inside: bool) -> None:
    """`inside`: its number lies between two sealed ones, as when an import runs for longer than ten minutes."""
    person = make_user()
    began, sealed = threading.Event(), threading.Event()
    if inside:
        log.record("course.draft", person, by=None)

    def long_transaction() -> None:
        with transaction.atomic():
            log.record("account.appoint", person, by=None)
            began.set()
            assert sealed.wait(10)

    def sealing() -> None:
        assert began.wait(10)
        log.record("course.draft", person, by=None)
        with time_machine.travel(clock.now() + timedelta(minutes=11), tick=True):
            seal.seal_all()
        sealed.set()

    assert at_once([long_transaction, sealing]) == [None, None]
    assert seal.verify() == []
    seal.seal_all()
    assert seal.verify() == []
    assert not AuditEvent.objects.filter(block=None).exists()
    assert AuditEvent.objects.get(action="account.appoint").block == 2


def test_three_who_seal_at_once_seal_each_event_once() -> None:
    person = make_user()
    log.record_many(log.event("course.draft", person, by=None) for _ in range(30))
    results = at_once([seal.seal_all] * 3)
    assert sorted(results) == [0, 0, 1], results
    assert seal.verify() == [] and AuditSeal.objects.count() == 1


def test_twin_without_the_lock_of_the_chain_two_write_one_block(monkeypatch: pytest.MonkeyPatch) -> None:
    person = make_user()
    log.record("course.draft", person, by=None)
    both = threading.Barrier(2)

    def read_at_once(kind: EventKind) -> Any:
        found = waiting(kind)
        if found:
            both.wait(5)
        return found

    monkeypatch.setattr(seal, "lock_chain", lambda kind: AuditChain.objects.get(kind=kind))
    waiting = seal._waiting
    monkeypatch.setattr(seal, "_waiting", read_at_once)
    results = at_once([seal.seal_all] * 2)
    failed = [r for group in results if isinstance(group, ExceptionGroup) for r in group.exceptions]
    assert any(isinstance(r, IntegrityError) for r in failed), results


def test_verification_reads_one_moment_while_others_seal(monkeypatch: pytest.MonkeyPatch) -> None:
    person = make_user()
    log.record("course.draft", person, by=None)
    seal.seal_all()
    check, raced = verification._check_unsealed, threading.Event()

    def check_after_a_sealing() -> Any:
        def meanwhile() -> None:
            log.record("course.draft", person, by=None)
            seal.seal_all()

        assert at_once([meanwhile]) == [None]
        raced.set()
        return check()

    monkeypatch.setattr(verification, "_check_unsealed", check_after_a_sealing)
    assert seal.verify() == [] and raced.is_set()
