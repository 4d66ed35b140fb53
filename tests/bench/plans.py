"""The plans of a page's queries: scans of whole tables that grow are named."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

from audit.models import AuditSubject
from bench.generate import GROWING
from courses.models import LightChange, TransferRequest, UnitLight
from hours.models import Objection

# A table of few pages is rightly read whole, to be joined by hash.
SMALL = 5_000
# Tables that grow with the nation or with time.
OTHERS = (UnitLight, LightChange, TransferRequest, Objection, AuditSubject)
WATCHED = [*GROWING, *(model._meta.db_table for model in OTHERS)]


def whole_scans(statements: Iterable[str]) -> list[tuple[str, str]]:
    """(table, statement) of each watched table that a statement reads from end to end."""
    large = large_tables()
    return [
        (node["Relation Name"], statement)
        for statement in statements
        if statement.lstrip().upper().startswith("SELECT")
        for node in nodes(plan_of(statement))
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in large
    ]


def large_tables() -> set[str]:
    """The watched tables that are no longer small."""
    with connection.cursor() as cursor:
        find = "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND reltuples > %s"
        cursor.execute(find, [WATCHED, SMALL])
        return {name for (name,) in cursor.fetchall()}


def plan_of(statement: str) -> dict[str, Any]:
    """The uppermost node of a statement's plan."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + statement.replace("%", "%%"), [])
        found = cursor.fetchone()[0]
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan's node and all below it."""
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)
