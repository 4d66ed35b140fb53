"""Searching the catalogue against the best plain SQL with the same indexes; and the curves over all loaded sets."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

from bench.harness import Bench, Result, figure
from bench.words import KINDS, SUBJECTS
from courses.filters import CourseFilter
from courses.models import Course
from inservice import clock
from inservice.paging import NEAR, CappedPaginator

COLUMNS = ", ".join(f'c."{field.column}"' for field in Course._meta.concrete_fields)
PAGE = f"""
    SELECT {COLUMNS}, u.*, k.*, n.* FROM courses_course c JOIN accounts_unit u ON u.id = c.unit_id
    JOIN accounts_county k ON k.id = u.county_id LEFT JOIN courses_coursenature n ON n.id = c.nature_id
    WHERE c.id = ANY(%(page)s) ORDER BY c.starts_on, c.id
"""
FOUND = f"""
    SELECT id FROM courses_course WHERE state IN ('registered', 'closed') AND courses_grams(search_text) @> courses_grams(%(word)s)
    AND strpos(search_text, %(word)s) > 0 {{more}} ORDER BY starts_on, id LIMIT {NEAR + 1}
"""


def ours(query: dict[str, str]) -> Callable[[], Any]:
    def ask() -> list[Course]:
        found = CourseFilter(query, queryset=Course.objects.public())
        assert found.is_valid()
        rows = Course.objects.select_related("unit__county", "nature")
        pages = CappedPaginator(rows, *found.in_turn(found.queryset), per_page=20)
        return list(pages.asked_page().object_list)

    return ask


def plain(word: str, more: str = "") -> Callable[[], Any]:
    def ask() -> list[tuple]:
        with connection.cursor() as cursor:
            values: dict[str, Any] = {"word": word, "day": clock.today()}
            cursor.execute(FOUND.format(more=more), values)
            values["page"] = [pk for (pk,) in cursor.fetchall()][:20]
            cursor.execute(PAGE, values)
            return cursor.fetchall()

    return ask


@figure
def search(bench: Bench) -> Iterator[Result]:
    ahead = "AND starts_on >= %(day)s"
    phrase = SUBJECTS[0] + KINDS[0]
    for name, query, reference in (
        ("two_characters", {"q": SUBJECTS[0][:2]}, plain(SUBJECTS[0][:2], ahead)),
        ("two_characters_past", {"q": SUBJECTS[0][:2], "past": "on"}, plain(SUBJECTS[0][:2])),
        ("phrase_past", {"q": phrase, "past": "on"}, plain(phrase)),
        ("nothing_found_past", {"q": "鐵馬", "past": "on"}, plain("鐵馬")),
    ):
        yield bench.compare(f"search.{name}", ours(query), reference, reach=2, times=21)
