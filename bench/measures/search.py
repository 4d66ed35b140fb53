"""Searching the catalogue against the best plain SQL with the same indexes."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

from bench.harness import Bench, Result, figure
from bench.words import KINDS, SUBJECTS, WORD
from courses.models import Course
from kit import clock
from kit.paging import NEAR, CappedPaginator

COLUMNS = ", ".join(f'c."{field.column}"' for field in Course._meta.concrete_fields)
PAGE = f"""
    SELECT {COLUMNS}, u.*, k.*, n.* FROM courses_course c JOIN accounts_unit u ON u.id = c.unit_id
    JOIN accounts_county k ON k.id = u.county_id LEFT JOIN courses_coursenature n ON n.id = c.nature_id
    WHERE c.id = ANY(%(page)s) ORDER BY c.starts_on, c.id
"""
FOUND = f"""
    SELECT id FROM courses_course WHERE state IN ('registered', 'closed') AND courses_grams(search_text) @> courses_grams(%(word)s)
    AND strpos(search_text, %(word)s) > 0 {{more}} LIMIT {NEAR + 1}
"""
AHEAD = "AND starts_on >= %(day)s ORDER BY starts_on, id"
RUNNING = "AND starts_on < %(day)s AND ends_on >= %(day)s ORDER BY ends_on, starts_on, id"


def ours(words: str, past: bool) -> Callable[[], Any]:
    """What the page does once the form has been read."""

    def ask() -> list[Course]:
        day, found = clock.today(), Course.objects.public().matching(words)
        by_day = found.order_by("starts_on", "id")
        ahead = found.ahead(day).order_by("starts_on", "id")
        turns = [by_day] if past else [found.running(day).order_by("ends_on", "starts_on", "id"), ahead]
        rows = Course.objects.select_related("unit__county", "nature")
        return list(CappedPaginator(rows, lambda: turns, per_page=20).requested_page().object_list)

    return ask


def plain(word: str, past: bool) -> Callable[[], Any]:
    turns = (
        [FOUND.format(more="ORDER BY starts_on, id")]
        if past
        else [FOUND.format(more=RUNNING), FOUND.format(more=AHEAD)]
    )

    def ask() -> list[tuple]:
        found: list[int] = []
        with connection.cursor() as cursor:
            for statement in turns:
                cursor.execute(statement, {"word": word, "day": clock.today()})
                found += [pk for (pk,) in cursor.fetchall()]
            cursor.execute(PAGE, {"page": found[:20]})
            return cursor.fetchall()

    return ask


@figure
def search(bench: Bench) -> Iterator[Result]:
    phrase = SUBJECTS[0] + KINDS[0]
    for name, words, past in (
        ("two_characters", WORD, False),
        ("two_characters_past", WORD, True),
        ("phrase_past", phrase, True),
        ("nothing_found_past", "鐵馬", True),
    ):
        yield bench.compare(f"search.{name}", ours(words, past), plain(words, past), reach=2, times=31)
