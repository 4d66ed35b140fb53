"""The plans of a page's queries: scans of whole tables that grow are named."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

from bench.generate import GROWING

# A table of few pages is rightly read whole, to be joined by hash.
SMALL = 5_000
# Tables that grow with the nation or with time.
WATCHED = [
    *GROWING,
    "courses_unitlight",
    "courses_lightchange",
    "courses_transferrequest",
    "hours_objection",
    "audit_auditsubject",
]


def whole_scans(statements: Iterable[str]) -> list[tuple[str, str]]:
    """(table, statement) of each watched table that a statement reads from end to end."""
    large = large_tables()
    return [
        (node["Relation Name"], statement)
        for statement in statements
        if statement.lstrip().upper().startswith("SELECT")
        for node in nodes(plan_of(statement))
        if is_whole_scan(node, large)
    ]


def is_whole_scan(node: dict[str, Any], large: set[str]) -> bool:
    return node["Node Type"] == "Seq Scan" and node["Relation Name"] in large


def large_tables() -> set[str]:
    """The watched tables that are no longer small."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND reltuples > %s", [WATCHED, SMALL]
        )
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
