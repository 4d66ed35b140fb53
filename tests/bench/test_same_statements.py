"""The bare view that enrolling is compared with (`bench.bare`) sends what ours sends, and leaves the same rows."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest

from audit.models import AuditEvent
from bench.clients import Ask
from bench.serving import ROOT, environment
from bench.sides import Ours, Same
from courses.models import Course, Enrolment
from notices.models import Notice
from tests.bench.sent_statements import statements
from tests.factories import make_account, make_unit

pytestmark = [pytest.mark.postgres, pytest.mark.own_clock, pytest.mark.django_db(transaction=True)]

# What a statement does: its verb, the tables and locks that it names in their order, and the columns that it writes.
Shape = tuple[str, tuple[str, ...], tuple[str, ...]]
TABLES = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+(\w+)|\b(pg_\w+)")


def shape(sql: str) -> Shape:
    plain = " ".join(sql.replace('"', "").split())
    verb, *rest = plain.split(None, 1)
    tables = tuple(table or lock for table, lock in TABLES.findall(plain))
    columns: list[str] = []
    if verb == "INSERT":
        columns = sorted(re.findall(r"\w+", plain[plain.index("(") : plain.index(")")]))
        tables += ("ON CONFLICT",) * ("ON CONFLICT" in plain)
    if verb == "UPDATE":
        columns = [rest[0].partition("RETURNING")[0]]
    return verb, tables, tuple(re.sub(r"'[^']*'|\b\d+\b", "?", column) for column in columns)


def bare_statements(side: Same, asks: list[Ask]) -> list[list[str]]:
    """Do the same in a process of the bare project."""
    order = json.dumps([asdict(ask) for ask in asks])
    told = subprocess.run(
        [sys.executable, "-m", "tests.bench.sent_statements"], cwd=ROOT, env=environment(**side.environment),
        input=order, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return list(json.loads(told.stdout))


@pytest.fixture
def sides(settings: Any) -> Iterator[tuple[Ours, Same]]:
    """Both sides with two people: of a course with one place, the first gets it and the second waits."""
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    make_account(unit=make_unit())
    both = Ours(2), Same(2)
    yield both
    for side in both:
        side.clear()


def test_the_bare_view_sends_the_statements_of_ours_in_their_order(sides: tuple[Ours, Same]) -> None:
    ours, bare = sides
    asks = ours.asks(ours.fresh(1, 1))
    mine = statements([asdict(ask) for ask in asks])
    theirs = bare_statements(bare, bare.asks(bare.fresh(1, 1)))
    for sent, beside in zip(mine, theirs, strict=True):
        assert [shape(sql) for sql in beside] == [shape(sql) for sql in sent]


def test_the_bare_view_leaves_the_same_rows(sides: tuple[Ours, Same]) -> None:
    bare = sides[1]
    courses = bare.fresh(1, 1)
    bare_statements(bare, bare.asks(courses))
    assert bare.outcome(courses) == (1, 1)
    assert Course.objects.get(pk=courses[0].pk).seats_taken == 1
    rows = Enrolment.objects.filter(course__in=courses)
    assert {f"enrolment:{row.pk}" for row in rows} == set(Notice.objects.values_list("object_ref", flat=True))
    told = AuditEvent.objects.filter(action="enrolment.enrol").values_list("object_id", "after__state")
    assert set(told) == {(str(row.pk), row.state) for row in rows}
