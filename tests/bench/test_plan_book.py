"""The plans on paper: short enough to be read, without anybody's texts, each statement once, whole scans marked."""

import json
from datetime import date
from pathlib import Path

import pytest

from bench import report
from bench.harness import Result
from bench.plan_book import MARK, Book, drawn, shortened
from courses.models import Course
from notices.models import Notice


def test_a_statement_is_shortened_to_what_tells_it_from_others() -> None:
    said = shortened(
        'SELECT "a"."id", (SELECT U0."x" FROM "b" U0 WHERE U0."y" = (\'secret\')) AS "z" FROM "a" '
        'WHERE ("a"."key" = \'it\'\'s mine\' AND "a"."id" IN (1, 2, 3, 4) AND "a"."n" = 7)'
    )
    assert said == "SELECT … FROM a WHERE (a.key = '…' AND a.id IN (…) AND a.n = 7)"


def test_a_long_statement_is_cut() -> None:
    assert shortened("SELECT 1 FROM a WHERE " + "b = 1 AND " * 100).endswith(" …")


def node(kind: str, rows: int, *below: dict, **more: str) -> dict:
    return {"Node Type": kind, "Plan Rows": rows, "Plans": list(below), **more}


def test_a_plan_is_drawn_with_its_tables_and_indexes_and_whole_scans_are_marked() -> None:
    plan = node(
        "Limit",
        20,
        node(
            "Hash Join",
            20,
            node("Index Scan", 40, **{"Relation Name": "courses_session", "Index Name": "by_day"}),
            node("Hash", 9000, node("Seq Scan", 9000, **{"Relation Name": "courses_course"})),
        ),
    )
    wide = f"  Hash ~9000 < Seq Scan courses_course ~9000 {MARK}"
    assert drawn(plan, {"courses_course"}) == [
        "Limit ~20 < Hash Join ~20",
        "  Index Scan courses_session by by_day ~40",
        wide,
    ]
    assert drawn(plan, set())[-1] == wide.removesuffix(f" {MARK}")


@pytest.mark.postgres
@pytest.mark.django_db
def test_each_statement_is_explained_once_and_counted_where_it_reads_a_whole_table() -> None:
    by_key, all_of_them = str(Course.objects.filter(pk=1).query), str(Notice.objects.order_by().query)
    book = Book()
    book.large = {"notices_notice"}
    book.add("first", [by_key, all_of_them, "SAVEPOINT s"])
    book.add("second", [all_of_them, by_key])
    text = book.text("district")
    assert len(book.numbers) == 2 and book.whole_scans == [2]
    assert text.count("SELECT … FROM courses_course") == text.count(MARK) == 1
    assert "Scan courses_course" in text and "SAVEPOINT" not in text
    assert "from end to end: 2." in text and text.endswith("## second\n\nAnd as above: 1, 2.\n")


def test_what_a_figure_brings_along_becomes_a_page_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "FOLDER", tmp_path)
    report.keep(
        date(2026, 11, 24), [Result("plans", 2, 2, "statements", 1, size="county", appendix="# Plans\n")]
    )
    assert (tmp_path / "2026-11-24-plans.md").read_text() == "# Plans\n"
    assert "appendix" not in json.loads((tmp_path / "2026-11-24.jsonl").read_text())
    assert "| county | plans | 2 | 2 |" in (tmp_path / "2026-11-24.md").read_text()
