"""A record sealed by an earlier revision stays whole, and what it did not seal is taken over."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from audit import log, seal
from audit.models import AuditChain, AuditEvent
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def migrate(name: str) -> None:
    MigrationExecutor(connection).migrate([("audit", name)])


@pytest.fixture
def newest() -> Iterator[str]:
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes("audit")
    yield leaves[0][1]
    MigrationExecutor(connection).migrate(leaves)


def test_the_upgrade_numbers_sealed_events_and_proves_the_others(newest: str, settings: Any) -> None:
    settings.AUDIT_WITNESS = ""
    person = make_user()
    log.record_many(log.event("course.draft", person, by=None, subjects=[person.pk]) for _ in range(3))
    seal.seal_all()
    log.record("course.draft", person, by=None, subjects=[person.pk])
    migrate("0004_kept_for_its_time")
    migrate(newest)
    assert seal.verify() == []
    assert list(AuditEvent.objects.order_by("id").values_list("block", flat=True)) == [1, 1, 1, None]
    assert sorted(AuditChain.objects.values_list("kind", "events")) == [
        ("act", 3),
        ("read", 0),
        ("security", 0),
    ]
    assert seal.seal_all() == 1 and seal.verify() == []
    with pytest.raises(Exception, match="append-only"):
        AuditEvent.objects.update(reason="x")
