"""The seal finds one flipped byte, an added and a removed event, a forged seal; retention keeps to its times."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from audit import seal
from audit.models import AuditEvent, AuditSeal, AuditSubject
from audit.tasks import apply_retention, seal_record
from inservice import clock

pytestmark = pytest.mark.django_db


def happened(kind: str = "act", number: int = 3, minutes: float = 60) -> list[int]:
    at = clock.now() - timedelta(minutes=minutes)
    rows = [
        AuditEvent(
            kind=kind,
            at=at,
            actor_label="王小明",
            action="course.closed",
            object_type="c",
            object_id=str(n),
            reason="原因",
        )
        for n in range(number)
    ]
    return [row.pk for row in AuditEvent.objects.bulk_create(rows)]


def tamper(statement: str, *values: Any) -> None:
    """What somebody with the database's own password could do: past every trigger."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(statement, values)
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        else:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit_%%'"
            )
            triggers = cursor.fetchall()
            for name, _sql in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute(statement, values)
            for _name, sql in triggers:
                cursor.execute(sql)


def breaches() -> list[str]:
    return [breach.what for breach in seal.verify()]


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Nine events in three blocks."""
    monkeypatch.setattr(seal, "BLOCK", 3)
    numbers = happened(number=9)
    assert seal_record() == 3
    assert breaches() == []
    yield numbers


@pytest.mark.parametrize(
    "column",
    [
        f.column
        for f in AuditEvent._meta.concrete_fields
        if f.column not in ("id", "kind", "at", "before", "after", "actor_id", "unit_id")
    ],
)
def test_one_changed_letter_is_found(sealed: list[int], column: str) -> None:
    tamper(f"UPDATE audit_auditevent SET {column} = 'Z' || {column} WHERE id = %s", sealed[4])
    assert [(b.event, b.what, b.block) for b in seal.verify()] == [(sealed[4], "an event was changed", 2)]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor_id", 7),
        ("unit_id", 7),
        ("after", '{"a": 1}'),
        ("before", '{"a": 1}'),
        ("at", "2026-11-24 00:00:01+00:00"),
    ],
)
def test_a_changed_number_value_or_time_is_found(sealed: list[int], column: str, value: Any) -> None:
    tamper(f"UPDATE audit_auditevent SET {column} = %s WHERE id = %s", value, sealed[0])
    assert breaches() == ["an event was changed"]


def test_an_event_moved_to_another_chain_is_missed_and_found(sealed: list[int]) -> None:
    tamper("UPDATE audit_auditevent SET kind = 'security' WHERE id = %s", sealed[0])
    assert breaches() == ["an event was removed"]


def test_a_removed_and_an_added_event_are_found(sealed: list[int]) -> None:
    tamper("DELETE FROM audit_auditevent WHERE id = %s", sealed[4])
    assert breaches() == ["an event was removed"]
    row = AuditEvent(pk=None, kind="act", at=clock.now(), action="x", object_type="x", object_id="1")
    row.pk = sealed[4]
    AuditEvent.objects.bulk_create([row])
    assert breaches() == ["an event was changed"]
    AuditSubject.objects.create(event_id=sealed[8], person_id=5)
    assert breaches() == ["an event was changed"] * 2


def test_a_person_concerned_who_was_taken_out_is_found() -> None:
    numbers = happened(number=1)
    AuditSubject.objects.create(event_id=numbers[0], person_id=5)
    seal_record()
    tamper("DELETE FROM audit_auditsubject")
    assert breaches() == ["an event was changed"]


def test_an_event_put_between_sealed_ones_is_found() -> None:
    numbers = happened(number=3)
    tamper("DELETE FROM audit_auditevent WHERE id = %s", numbers[1])
    seal_record()
    row = AuditEvent(kind="act", at=clock.now(), action="x", object_type="x", object_id="1")
    row.pk = numbers[1]
    AuditEvent.objects.bulk_create([row])
    assert breaches() == ["an event was added after the sealing"]


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (
            "UPDATE audit_auditseal SET last_at = '2020-01-01 00:00:00+00:00' WHERE number = 2",
            "the seal itself was changed",
        ),
        (
            "UPDATE audit_auditseal SET first_id = first_id + 1 WHERE number = 2",
            "the seal itself was changed",
        ),
        ("DELETE FROM audit_auditseal WHERE number = 2", "a block is missing before this one"),
        (
            "UPDATE audit_auditseal SET dropped_at = CURRENT_TIMESTAMP WHERE number = 2",
            "the block was removed before its time",
        ),
    ],
)
def test_a_forged_seal_is_found(sealed: list[int], statement: str, what: str) -> None:
    tamper(statement)
    assert what in breaches()


def test_a_forged_list_of_a_seal_is_found(sealed: list[int]) -> None:
    row = AuditSeal.objects.get(number=2)
    leaves = bytearray(bytes(row.leaves))
    leaves[-1] ^= 1
    tamper("UPDATE audit_auditseal SET leaves = %s WHERE number = 2", bytes(leaves))
    assert breaches() == ["the seal's list of events was changed"]


def test_without_the_key_a_forger_cannot_seal_again(sealed: list[int], settings: Any) -> None:
    own = settings.AUDIT_KEY
    AuditSeal.objects.all().delete()
    settings.AUDIT_KEY = "a guess"
    seal_record()
    settings.AUDIT_KEY = own
    assert "the seal itself was changed" in breaches()


def test_the_command_says_so_and_exits_1(sealed: list[int]) -> None:
    out, err = StringIO(), StringIO()
    call_command("verify_audit", stdout=out)
    assert "whole" in out.getvalue() and "act: 3 blocks" in out.getvalue()
    tamper("UPDATE audit_auditevent SET reason = 'x' WHERE id = %s", sealed[0])
    with pytest.raises(CommandError, match="1 breach"):
        call_command("verify_audit", stdout=out, stderr=err)
    assert f"event {sealed[0]}" in err.getvalue()


def test_young_events_wait_and_none_is_passed_over() -> None:
    first = happened(number=1, minutes=5)
    happened(number=1, minutes=60)
    assert seal_record() == 0, "an older one behind a younger one waits with it"
    with time_machine.travel(clock.now().astimezone(clock.TAIPEI) + timedelta(minutes=11)):
        assert seal_record() == 1
        assert AuditSeal.objects.get().first_id == first[0] and breaches() == []
        assert seal_record() == 0


def test_each_kind_has_its_own_chain() -> None:
    happened("act", 2)
    happened("security", 1)
    happened("read", 2)
    seal_record()
    assert sorted(AuditSeal.objects.values_list("chain", "number")) == [
        ("act", 1),
        ("read", 1),
        ("security", 1),
    ]
    assert breaches() == []


def day(minutes: float) -> float:
    return minutes * 24 * 60


def test_retention_removes_security_after_13_months_and_acts_after_5_years() -> None:
    # Past the longest time, between the two, and young; the times themselves are settings.
    for kind in ("security", "act"):
        for days in (5 * 366 + 60, 420, 30):
            happened(kind, 1, day(days))
            seal_record()
    AuditSubject.objects.create(event=AuditEvent.objects.order_by("id").first(), person_id=3)
    assert apply_retention() == 3
    left = AuditEvent.objects.order_by("id")
    assert [(row.kind, (clock.now() - row.at).days) for row in left] == [
        ("security", 30),
        ("act", 420),
        ("act", 30),
    ]
    assert not AuditSubject.objects.exists()
    assert breaches() == [], "what went by its time is no breach"
    assert apply_retention() == 0


def test_what_is_not_sealed_yet_is_not_removed() -> None:
    happened("security", 1, day(1000))
    assert apply_retention() == 0 and AuditEvent.objects.count() == 1
