"""How PostgreSQL answers a page's questions: scans of whole tables that grow are named."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

from bench.generate import GROWING

# A table of few pages is rightly read whole, to be joined by hash.
SMALL = 5_000
# Tables that grow with the nation or with time.
WATCHED = {
    *GROWING,
    "courses_unitlight",
    "courses_lightchange",
    "courses_transferrequest",
    "hours_objection",
    "audit_auditsubject",
}


def whole_scans(statements: Iterable[str]) -> list[tuple[str, str]]:
    """(table, statement) of each watched table that a statement reads from end to end."""
    large = _large()
    return [
        (node["Relation Name"], statement)
        for statement in statements
        if statement.lstrip().upper().startswith("SELECT")
        for node in nodes(statement)
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in large
    ]


def _large() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND reltuples > %s", [list(WATCHED), SMALL]
        )
        return {name for (name,) in cursor.fetchall()}


def nodes(statement: str) -> Iterator[dict[str, Any]]:
    """The nodes of a statement's plan."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + statement.replace("%", "%%"), [])
        found = cursor.fetchone()[0]
    plan = json.loads(found) if isinstance(found, str) else found
    yield from _walk(plan[0]["Plan"])


def _walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", []):
        yield from _walk(below)
