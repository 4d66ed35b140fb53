"""The seal finds one flipped byte, an added and a removed event, a forged seal; retention keeps to its times."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from audit import log, seal, witness
from audit.keyed import PROVED
from audit.models import AuditChain, AuditEvent, AuditSeal, AuditSubject, EventKind
from audit.tasks import apply_retention, seal_record
from kit import clock
from tests.factories import make_user

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
    log.record_many(rows)
    return [row.pk for row in rows]


def tamper(statement: str, *values: Any) -> None:
    """Change a row with the database's own password, past every trigger."""
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
        if f.column not in ("id", "kind", "at", "before", "after", "actor_id", "unit_id", "block", "proof")
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
    assert set(breaches()) == {"an event was removed", "an event names a block that does not exist"}


def test_a_removed_and_an_added_event_are_found(sealed: list[int]) -> None:
    tamper("DELETE FROM audit_auditevent WHERE id = %s", sealed[4])
    assert breaches() == ["an event was removed"]
    AuditEvent.objects.bulk_create([forged(pk=sealed[4], block=2)])
    assert breaches() == ["an event was changed"]
    AuditSubject.objects.create(event_id=sealed[8], person_id=5)
    assert breaches() == ["an event was changed"] * 2


@pytest.mark.parametrize("seal_first", [True, False])
def test_a_person_concerned_who_was_taken_out_is_found(seal_first: bool) -> None:
    log.record("course.close", make_user(), by=None, subjects=[5])
    seal_record()
    if not seal_first:
        log.record("course.close", make_user(), by=None, subjects=[6])
        tamper("DELETE FROM audit_auditsubject WHERE person_id = 6")
        assert breaches() == ["an event was added or changed before its sealing"]
        return
    tamper("DELETE FROM audit_auditsubject")
    assert breaches() == ["an event was changed"]


def forged(**columns: Any) -> AuditEvent:
    """Return an event as written with the database's password, but without the key."""
    values = {
        "kind": "act",
        "at": clock.now(),
        "action": "course.close",
        "object_type": "x",
        "object_id": "1",
    }
    return AuditEvent(**{**values, **columns})


def test_an_event_put_into_a_sealed_block_is_found(sealed: list[int]) -> None:
    AuditEvent.objects.bulk_create([forged(block=2)])
    assert breaches() == ["an event was added after the sealing"]


@pytest.mark.parametrize("days", [0, 400])
def test_an_inserted_event_is_found_today_and_backdated(sealed: list[int], days: int) -> None:
    AuditEvent.objects.bulk_create([forged(at=clock.now() - timedelta(days=days))])
    assert breaches() == ["an event was added or changed before its sealing"]
    assert seal_record() == 0, "what the application did not write is not sealed"
    assert breaches() == ["an event was added or changed before its sealing"]


def test_an_unproved_event_does_not_keep_later_ones_from_their_seal(sealed: list[int]) -> None:
    AuditEvent.objects.bulk_create([forged() for _ in range(7)])
    happened(number=2)
    assert seal_record() == 1
    assert AuditEvent.objects.filter(block=None).count() == 7


def test_an_event_copied_with_its_proof_is_found(sealed: list[int]) -> None:
    row = AuditEvent.objects.get(pk=sealed[3])
    row.pk, row.block = None, None
    AuditEvent.objects.bulk_create([row])
    assert breaches() == ["an event was copied"]


def test_an_event_changed_before_its_sealing_is_found(sealed: list[int]) -> None:
    numbers = happened(number=1)
    tamper("UPDATE audit_auditevent SET reason = 'x' WHERE id = %s", numbers[0])
    assert breaches() == ["an event was added or changed before its sealing"]


def test_an_event_of_a_block_that_does_not_exist_is_found(sealed: list[int]) -> None:
    AuditEvent.objects.bulk_create([forged(block=99)])
    assert breaches() == ["an event names a block that does not exist"]


TABLES = ("audit_auditsubject", "audit_auditevent", "audit_auditseal")


def test_events_and_seals_removed_together_are_found(sealed: list[int]) -> None:
    for table in TABLES:
        tamper(f"DELETE FROM {table}")
    assert breaches()[:2] == ["0 blocks are here, 3 must be", "0 events are here, 9 must be"]


def test_the_newest_blocks_removed_with_their_events_are_found(sealed: list[int]) -> None:
    tamper("DELETE FROM audit_auditevent WHERE block = 3")
    tamper("DELETE FROM audit_auditseal WHERE number = 3")
    assert breaches()[:2] == ["2 blocks are here, 3 must be", "6 events are here, 9 must be"]


def test_one_removed_chain_is_found(sealed: list[int]) -> None:
    happened("security", 2)
    seal_record()
    tamper("DELETE FROM audit_auditevent WHERE kind = 'security'")
    tamper("DELETE FROM audit_auditseal WHERE chain = 'security'")
    tamper("DELETE FROM audit_auditchain WHERE kind = 'security'")
    assert [(b.chain, b.what) for b in seal.verify()] == [("security", "the row of the chain was removed")]
    happened("security", 1)
    assert seal_record() == 0, "a removed chain does not begin again as if it were new"


def test_a_changed_row_of_a_chain_is_found(sealed: list[int]) -> None:
    tamper("UPDATE audit_auditchain SET blocks = 2, events = 6 WHERE kind = 'act'")
    assert "the row of the chain was changed" in breaches()


def test_a_database_set_back_whole_is_found_by_the_witness(
    settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    happened(number=2)
    seal_record()
    earlier = list(AuditChain.objects.values())
    with django_capture_on_commit_callbacks(execute=True):
        happened(number=2)
        seal_record()
    assert breaches() == []
    tamper("DELETE FROM audit_auditevent WHERE block = 2")
    tamper("DELETE FROM audit_auditseal WHERE number = 2")
    for row in earlier:
        AuditChain.objects.filter(pk=row["id"]).update(**row)
    assert breaches() == ["the witness file knows a block that is not here"]
    settings.AUDIT_WITNESS = ""
    assert breaches() == [], "without the witness nobody can know"


def test_a_witness_that_cannot_be_written_or_read_stops_nothing(settings: Any, tmp_path: Any) -> None:
    settings.AUDIT_WITNESS = str(tmp_path)
    witness.write("act", 1, "x")
    settings.AUDIT_WITNESS = str(tmp_path / "file")
    witness.write("act", 1, "x")
    (tmp_path / "file").open("a").write('{"chain": "act"\n')
    assert [line.block for line in witness.lines()] == [1]
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


def test_every_column_of_an_event_is_under_its_proof() -> None:
    columns = {f.attname for f in AuditEvent._meta.concrete_fields}
    assert columns == {*PROVED, "id", "block", "proof"}


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
            "the block was removed by somebody else than retention",
        ),
        (
            "UPDATE audit_auditseal SET dropped_at = '2040-01-01 00:00:00+00:00' WHERE number = 2",
            "the block was removed by somebody else than retention",
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
    assert "an event names a block that does not exist" in breaches()


def test_a_block_removed_by_retention_before_its_time_is_found(sealed: list[int], settings: Any) -> None:
    keep, settings.RETAIN_AUDIT_DAYS = settings.RETAIN_AUDIT_DAYS, 0
    if connection.vendor == "postgresql":
        with pytest.raises(ExceptionGroup) as refused, transaction.atomic():
            apply_retention()
        for error in refused.value.exceptions:
            assert isinstance(error, DatabaseError) and "append-only" in str(error)
        assert breaches() == [], "the database refuses it, and nothing is half removed"
        return
    assert apply_retention() == 9
    settings.RETAIN_AUDIT_DAYS = keep
    assert breaches() == ["the block was removed before its time"] * 3


def test_nothing_is_removed_for_its_age_where_the_head_of_the_chain_is_gone() -> None:
    happened("security", 1, day(1000))
    seal_record()
    AuditChain.objects.filter(kind="security").delete()
    with pytest.raises(ExceptionGroup) as refused:
        apply_retention()
    assert [type(error) for error in refused.value.exceptions] == [AuditChain.DoesNotExist]
    assert AuditEvent.objects.filter(kind="security").exists()


def test_an_event_put_into_a_removed_block_is_found() -> None:
    happened("security", 1, day(1000))
    seal_record()
    assert apply_retention() == 1
    AuditEvent.objects.bulk_create([forged(kind="security", block=1)])
    assert breaches() == ["an event was added to a removed block"]


def test_the_command_says_so_and_exits_1(sealed: list[int]) -> None:
    out, err = StringIO(), StringIO()
    call_command("verify_audit", stdout=out)
    assert "whole" in out.getvalue() and "act: 3 blocks" in out.getvalue()
    tamper("UPDATE audit_auditevent SET reason = 'x' WHERE id = %s", sealed[0])
    with pytest.raises(CommandError, match="1 breach"):
        call_command("verify_audit", stdout=out, stderr=err)
    assert f"event {sealed[0]}" in err.getvalue()


def test_an_event_is_sealed_at_once_and_stays_in_its_block() -> None:
    happened(number=2, minutes=0)
    assert seal_record() == 1 and seal_record() == 0
    assert list(AuditEvent.objects.values_list("block", flat=True)) == [1, 1]
    with pytest.raises(DatabaseError, match="stays in its block"), transaction.atomic():
        AuditEvent.objects.update(block=2)


def test_a_record_unsealed_and_shortened_is_not_sealed_anew(sealed: list[int]) -> None:
    tamper("DELETE FROM audit_auditseal")
    tamper("DELETE FROM audit_auditchain")
    tamper("DELETE FROM audit_auditevent WHERE id = %s", sealed[0])
    tamper("UPDATE audit_auditevent SET block = NULL")
    assert seal_record() == 0
    seal.begin_chains()
    assert breaches() == ["the row of the chain was removed"] * len(EventKind)


def test_the_oldest_event_of_all_kinds_that_is_not_sealed_is_found_in_one_query_by_index(
    django_assert_num_queries: Any,
) -> None:
    happened("act", 3, minutes=500)
    seal_record()
    assert seal.oldest_unsealed() is None
    happened("security", 2, minutes=20)
    happened("read", 2, minutes=90)
    happened("act", 2, minutes=30)
    with django_assert_num_queries(1) as seen:
        oldest = seal.oldest_unsealed()
    assert oldest == AuditEvent.objects.filter(kind="read").earliest("at").at
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {seen.captured_queries[0]['sql']}")
            steps = [row[3] for row in cursor.fetchall()]
        assert not [step for step in steps if step.startswith("SCAN")], steps


def test_an_empty_record_is_whole() -> None:
    assert breaches() == []


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
